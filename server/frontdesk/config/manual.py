"""The table of settings in docs/operations.md: `python -m frontdesk.config.manual` prints it."""

from typing import Any

from frontdesk.config.reading import FIELDS, PREFIX
from frontdesk.config.settings import Settings


def table() -> str:
    """One row per setting, in Markdown, in the order of their declaration."""
    usual = Settings()
    rows = [
        f"| `{PREFIX}{name.upper()}` | {_shown(getattr(usual, name))} | {meaning(name)} |"
        for name in FIELDS
    ]
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *rows])


def meaning(name: str) -> str:
    """The sentence that the declaration carries."""
    text: str = FIELDS[name].type.__metadata__[-1].description
    return text


def _shown(value: Any) -> str:
    return "" if value in ("", ()) else f"`{value}`"


if __name__ == "__main__":
    print(table())  # noqa: T201 — this is what it is for
