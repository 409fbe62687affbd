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
from frontdesk.routing.visitors.places import NoPlace, Place, place_of

MOST_LINES: Final = 100_000
MOST_FAULTS: Final = 200
"""After so many it isn't read on: each cell of a large file might be one."""
SHOWN_FAULTS: Final = 5

About = dict[str, Any]


class Sample(NamedTuple):
    """A visitor of the file; the first line is 1."""

    line: int
    about: About


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


def _columns(row: list[str], registry: Registry) -> list[Place]:
    names = [cell.strip() for cell in row]
    if not any(names):
        raise _Wrong("The first line must name the columns, such as location.country,email.")
    found = [_column(name, registry) for name in names]
    if len({column.key for column in found}) != len(found):
        raise _Wrong("A column is there twice.")
    return found


def _column(name: str, registry: Registry) -> Place:
    try:
        return place_of(name, registry)
    except NoPlace as fault:
        raise _Wrong(str(fault)) from None


def _sample(
    line: int,
    row: list[str],
    columns: list[Place],
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


def _filled(row: list[str], columns: list[Place]) -> Iterator[tuple[Place, str]]:
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
