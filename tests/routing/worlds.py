"""Random rule sets, reps, owners and situations: documents as they are stored, and plain values."""

from typing import Any

from hypothesis import strategies as st

from frontdesk.presence.status import RepStatus
from tests.filters.strategies import documents
from tests.routing.reference import Rep

REPS = ("ann", "bob", "cid", "dan", "eve", "fay")
GROUPS = ("sales", "support", "empty")
GONE = "gil"
"""Named by rules, and no rep any more."""
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC")
KINDS = ("contact", "lead", "account", "outreach_sender", "outreach_owner")

_shifts = st.sampled_from(
    [[], [["09:00", "17:00"]], [["22:00", "06:00"]], [["00:00", "00:00"]],
     [["01:30", "02:30"], ["08:00", "12:00"]]]
)  # fmt: skip
_hours = st.tuples(
    st.sampled_from(ZONES),
    st.lists(_shifts, min_size=7, max_size=7),
    st.sets(st.sampled_from(["2026-03-28", "2026-03-29", "2026-03-30", "2026-11-01"]), max_size=2),
)


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """What a rule does; nothing left out."""
    strategy = draw(st.sampled_from(["first_available", "rotation", "random", "least_busy"]))
    weights = st.dictionaries(st.sampled_from(REPS), st.sampled_from([0.5, 1, 2.5]), max_size=3)
    ring = draw(st.sampled_from([5, 30]))
    return {
        "targets": {
            "everyone": draw(st.booleans()),
            "reps": draw(st.lists(st.sampled_from((*REPS, GONE)), max_size=3, unique=True)),
            "groups": draw(st.lists(st.sampled_from(GROUPS), max_size=2, unique=True)),
        },
        "strategy": strategy,
        "weights": {} if strategy == "first_available" else draw(weights),
        "ring_seconds": ring,
        "wait_seconds": draw(st.sampled_from([ring, 90.5])),
        "owner": {
            "on": draw(st.booleans()),
            "look": draw(st.permutations(["contact", "lead", "account"]))[
                : draw(st.integers(1, 3))
            ],
            "ring": draw(st.sampled_from(["owner_first", "owner_and_reps"])),
        },
        "outreach": {
            "on": draw(st.booleans()),
            "ring": draw(st.sampled_from(["sender", "owner", "both"])),
            "fallback": draw(st.booleans()),
            "book": draw(st.sampled_from(["sender", "owner", "targets", "nobody"])),
        },
        "fallback": draw(st.sampled_from([True, True, True, False])),
        "missed": draw(st.sampled_from(["meeting_booker", "form"])),
        "book": {"targets": draw(st.booleans()), "owner": draw(st.booleans())},
    }


@st.composite
def rule_documents(draw: st.DrawFn, *, most: int = 5) -> dict[str, Any]:
    """A whole rule set, as it is stored."""
    rules = [
        {
            "id": f"rul_{i}",
            "name": f"Rule {i}",
            "on": draw(st.sampled_from([True, True, True, False])),
            "when": draw(documents),
            **draw(plans()),
        }
        for i in range(draw(st.integers(0, most)))
    ]
    return {"rules": rules, "default": draw(plans())}


@st.composite
def teams(draw: st.DrawFn) -> list[Rep]:
    """Some of the reps, in any state."""
    found = []
    for id in draw(st.lists(st.sampled_from(REPS), unique=True)):
        capacity = draw(st.integers(1, 3))
        load = draw(st.integers(0, capacity + 1))
        state = draw(st.sampled_from(["here", "here", "away", "offline"]))
        if state == "here":
            state = "full" if load >= capacity else "eligible"
        groups = set(draw(st.lists(st.sampled_from(GROUPS[:2]), unique=True)))
        hours = draw(st.none() | _hours)
        found.append(Rep(id, groups, state, load, capacity, hours))
    return found


ownerships = st.dictionaries(
    st.sampled_from(KINDS), st.sampled_from((*REPS, GONE)) | st.none(), max_size=4
)

moments = st.integers(1_774_600_000_000, 1_774_900_000_000)
"""Milliseconds around the night of 2026-03-29, in which clocks jump in Europe."""


def status(rep: Rep) -> RepStatus:
    """Presence in which the rep is in that state."""
    return RepStatus(
        "away" if rep.state == "away" else "available", rep.capacity, rep.load, 1_774_500_000_000,
        "chosen", () if rep.state == "offline" else ("d@n",),
    )  # fmt: skip
