"""Who of a recorded decision's stages could ring, by the presence that it was made on. Pure.

A stage also has reps who couldn't: the script asks Redis, which may know better than the node that
decided. Sentences must not promise them (RT-12).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from frontdesk.routing.reps.view import ELIGIBLE, FULL


class Able(NamedTuple):
    """Those of a stage who could ring: `reps`, as far as they are kept one by one, of `of`.
    `led`: the first of them rings besides whom the mode picks.
    """

    kind: str
    mode: str
    reps: tuple[str, ...]
    of: int
    led: bool


def able_of(record: Mapping[str, Any]) -> list[Able]:
    """The stages that had somebody to ring, in their order."""
    seen = {one["rep"]: one for one in record.get("considered", ())}
    eligible = sum(one["eligibility"] == ELIGIBLE for one in seen.values())
    uncounted = record.get("counts", {}).get(ELIGIBLE, eligible) - eligible
    found = [_able(stage, seen, uncounted) for stage in record.get("stages", ())]
    return [one for one in found if one.of]


def waits_for_a_place(record: Mapping[str, Any]) -> bool:
    """Whether somebody who was asked was merely full, so that the visitor waits for them (PR-6)."""
    asked = {rep for stage in record.get("stages", ()) for rep in stage["reps"]}
    return any(
        one["eligibility"] == FULL and one["rep"] in asked for one in record.get("considered", ())
    )


def _able(stage: Mapping[str, Any], seen: Mapping[str, Any], uncounted: int) -> Able:
    leads: Sequence[str] = stage["reps"][: stage.get("always", 0)]
    over = stage.get("over", 0)
    reps = tuple(
        rep
        for rep in stage["reps"]
        if rep in seen and _may_ring(seen[rep], over if rep in leads else 0)
    )
    unseen = stage["of"] - sum(rep in seen for rep in stage["reps"])
    led = bool(reps) and reps[0] in leads and stage["mode"] != "all"
    return Able(stage["kind"], stage["mode"], reps, len(reps) + max(min(unseen, uncounted), 0), led)


def _may_ring(one: Mapping[str, Any], over: int) -> bool:
    """`over`: by how much they may exceed their capacity (PR-4)."""
    if one["eligibility"] == FULL:
        return bool(one["load"] < one["capacity"] + over)
    return bool(one["eligibility"] == ELIGIBLE)
