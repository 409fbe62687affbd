"""A CSV of sample visitors: read whole, with every fault by its line (RT-13). Pure.

Columns are keys of fields, such as `location.country` or `field.plan`, or names of what is known of
a visitor, such as `email` or `company`.
"""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from frontdesk.errors import FrontdeskError
from frontdesk.filters import Registry
from frontdesk.routing.owners.owner_csv import LineFault, dialect_of
from frontdesk.routing.visitors.situation import PLACES

MOST_LINES: Final = 100_000
MOST_FAULTS: Final = 200
"""After so many it isn't read on: each cell of a large file might be one."""
SHOWN_FAULTS: Final = 5
_MADE: Final = {
    "page.path": "page.url",
    "visitor.email_domain": "visitor.email",
    "session.pages_seen_urls": "session.pages_seen",
}
"""Fields that are made from another one."""
_BY_NAME: Final = {".".join(steps): key for key, steps in PLACES.items() if key not in _MADE}

About = dict[str, Any]


class Sample(NamedTuple):
    """A visitor of the file; the first line is 1."""

    line: int
    about: About


class _Column(NamedTuple):
    """A field, and where its value belongs in what is known of a visitor."""

    key: str
    steps: tuple[str, ...]


class _Wrong(Exception):
    """The file can't be read on; the message says why."""


def read_samples(text: str, registry: Registry) -> list[Sample]:
    """Read a CSV file with commas, semicolons or tabs. Raises bad_request with what is wrong."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), dialect_of(text))
    samples: list[Sample] = []
    faults: list[LineFault] = []
    try:
        columns = _columns(next(rows, []), registry)
        for row in rows:
            if any(cell.strip() for cell in row):
                samples.append(_sample(rows.line_num, row, columns, registry, faults.append))
            if len(faults) >= MOST_FAULTS:
                break
            if len(samples) > MOST_LINES:
                faults.append(
                    LineFault(rows.line_num, f"There can be at most {MOST_LINES:,} lines.")
                )
                break
    except (_Wrong, csv.Error) as error:
        faults.append(LineFault(max(rows.line_num, 1), str(error)))
    if faults:
        raise FrontdeskError("bad_request", _said(faults))
    if not samples:
        raise FrontdeskError("bad_request", "The file has no visitors below its first line.")
    return samples


def _columns(row: list[str], registry: Registry) -> list[_Column]:
    names = [cell.strip() for cell in row]
    if not any(names):
        raise _Wrong("The first line must name the columns, such as location.country,email.")
    found = [_column(name, registry) for name in names]
    if len({column.key for column in found}) != len(found):
        raise _Wrong("A column is there twice.")
    return found


def _column(name: str, registry: Registry) -> _Column:
    key = _BY_NAME.get(name.casefold(), name)
    if key not in registry and name.casefold() in registry:
        key = name.casefold()
    if made_of := _MADE.get(key):
        raise _Wrong(f"{key} is made from {made_of}: give that one.")
    if key not in registry:
        raise _Wrong(f"{name[:80]!r} is no field. Columns are called as in location.country.")
    if key.startswith("field."):
        return _Column(key, ("fields", key.removeprefix("field.")))
    return _Column(key, PLACES[key])


def _sample(
    line: int,
    row: list[str],
    columns: list[_Column],
    registry: Registry,
    wrong: Callable[[LineFault], object],
) -> Sample:
    if any(cell.strip() for cell in row[len(columns) :]):
        wrong(LineFault(line, f"There are {len(row)} cells under {len(columns)} columns."))
    about: About = {}
    for (key, steps), cell in _filled(row, columns):
        if registry.coerce(key, cell) is None:
            kind = registry[key].type.value
            wrong(LineFault(line, f"{key}: {cell[:80]!r} can't be read as a {kind}."))
        _put(about, steps, cell)
    return Sample(line, about)


def _filled(row: list[str], columns: list[_Column]) -> Iterator[tuple[_Column, str]]:
    for column, cell in zip(columns, row, strict=False):
        if text := cell.strip():
            yield column, text


def _put(about: About, steps: tuple[str, ...], value: str) -> None:
    for step in steps[:-1]:
        about = about.setdefault(step, {})
    about[steps[-1]] = value


def _said(faults: list[LineFault]) -> str:
    shown = " ".join(f"Line {one.line}: {one.message}" for one in faults[:SHOWN_FAULTS])
    more = len(faults) - SHOWN_FAULTS
    return f"{shown} And {more} more." if more > 0 else shown
