"""Every figure that an installation tells, and their table in docs/operations.md, which
`python -m frontdesk.doctor.figures` prints.
"""

import frontdesk.app
import frontdesk.supervisor
from frontdesk.telemetry.figures import Family, families

ROOMS = (frontdesk.app, frontdesk.supervisor)
"""Figures are made when their modules are imported; these import all of them."""
KINDS = {"counter": "counter", "gauge": "gauge", "spread": "histogram"}


def told() -> list[Family]:
    """All figures, by name."""
    return sorted(families(), key=lambda family: family.name)


def names() -> set[str]:
    """Every name that a query may have: of a histogram its three."""
    found: set[str] = set()
    for family in told():
        ends = ("_bucket", "_count", "_sum") if family.kind == "spread" else ("",)
        found |= {family.name + end for end in ends}
    return found


def table() -> str:
    """One row for each, in Markdown."""
    rows = [
        f"| `{one.name}` | {KINDS[one.kind]} | {_labels(one)} | {one.meaning} |" for one in told()
    ]
    return "\n".join(["| Figure | Kind | Labels | What it is |", "|---|---|---|---|", *rows])


def _labels(family: Family) -> str:
    return " ".join(f"`{label}`" for label in family.labels)


if __name__ == "__main__":
    print(table())  # noqa: T201 — this is what it is for
