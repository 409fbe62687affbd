"""Writes tests/vectors/rotation.json: `python -m tests.routing.rotation_vectors` from the root."""

import json
import random
from pathlib import Path
from typing import Any

from frontdesk.routing.decisions.strategies import Rotation, least_busy

FILE = Path(__file__).parents[1] / "vectors" / "rotation.json"
ABOUT = (
    "Round robin in one pool, offer by offer (RT-5). `available`: who may ring, in the order "
    "named; `weights`: those that aren't 1; `loads`: with it the pool is least busy, else rotation."
    " `picked` is who is offered; then the pool's `clock` and their `finish` and `number` are "
    "these, to the last bit."
)
TEAM = ["ann", "bob", "cid", "dan", "eve"]


def vector(name: str, requests: list[dict[str, Any]]) -> dict[str, Any]:
    """The picks for these requests, in a fresh pool."""
    rotation, offers = Rotation(), []
    for asked in requests:
        picked = pick(rotation, asked)
        rotation = rotation.offered(picked, asked.get("weights", {}).get(picked, 1))
        finish, number = rotation.turns[picked]
        offers.append(
            asked | {"picked": picked, "clock": rotation.clock, "finish": finish, "number": number}
        )
    return {"name": name, "offers": offers}


def pick(rotation: Rotation, asked: dict[str, Any]) -> str:
    """Who of `available` is next."""
    if "loads" not in asked:
        return rotation.next(asked["available"])
    return least_busy(asked["available"], asked["loads"], asked.get("weights", {}), rotation)[0]


def vectors() -> list[dict[str, Any]]:
    """All of them; the same each time."""
    rng = random.Random(5)
    weights = {"ann": 2.5, "bob": 0.3, "cid": 7}
    return [
        vector("everybody in turn, as named at first", [{"available": TEAM[:3]}] * 7),
        vector("as named, whatever the alphabet", [{"available": ["dan", "bob", "ann"]}] * 4),
        vector("one alone", [{"available": ["ann"]}] * 3),
        vector(
            "who comes back isn't flooded",
            [{"available": TEAM[:2]}] * 6 + [{"available": TEAM[:3]}] * 6,
        ),
        vector("by weight", [{"available": TEAM[:3], "weights": weights}] * 40),
        vector(
            "a weight that was changed",
            [{"available": TEAM[:2], "weights": {"ann": 3}}] * 8 + [{"available": TEAM[:2]}] * 8,
        ),
        vector("people come and go", [{"available": some(rng)} for _ in range(60)]),
        vector(
            "people come and go, by weight",
            [{"available": some(rng), "weights": weights} for _ in range(60)],
        ),
        vector(
            "the least busy, equal ones in turn",
            [{"available": TEAM, "loads": dict.fromkeys(TEAM, 1) | {"cid": 0}}] * 2
            + [{"available": TEAM[:2], "loads": {"ann": 1, "bob": 1}}] * 4,
        ),
        vector(
            "the least busy for their weight",
            [{"available": some(rng), "weights": weights, "loads": loads(rng)} for _ in range(40)],
        ),
    ]


def some(rng: random.Random) -> list[str]:
    """Part of the team."""
    return [rep for rep in TEAM if rng.random() < 0.6] or TEAM[:1]


def loads(rng: random.Random) -> dict[str, int]:
    """What each has to do."""
    return {rep: rng.randrange(4) for rep in TEAM}


def text() -> str:
    """The file: one offer a line."""
    lines = ["{", f'  "about": {json.dumps(ABOUT)},', '  "vectors": [']
    found = vectors()
    for i, one in enumerate(found):
        lines += ["    {", f'      "name": {json.dumps(one["name"])},', '      "offers": [']
        lines += [f"        {json.dumps(offer)}," for offer in one["offers"]]
        lines[-1] = lines[-1][:-1]
        lines += ["      ]", "    }" + ("," if i < len(found) - 1 else "")]
    return "\n".join([*lines, "  ]", "}", ""])


if __name__ == "__main__":
    FILE.write_text(text())
