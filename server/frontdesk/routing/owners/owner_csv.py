"""A list of owners as CSV: read whole, with every fault by its line. Pure.

Columns by name, in any order: `kind` (contact, lead, account, outreach_sender, outreach_owner),
`key` (an email address, or an account's domain; `email` and `domain` may stand for it), `rep` (the
owner's email address here; empty: nobody of ours), and, if wanted, `name`, `record`, `system`.
"""

import csv
import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from frontdesk.errors import FrontdeskError
from frontdesk.people.rep import normal_email
from frontdesk.routing.pace import paced

KINDS = ("contact", "lead", "account", "outreach_sender", "outreach_owner")
MOST_LINES = 200_000
MOST_FAULTS = 200
"""More of them say nothing new."""
_KEYS = ("key", "email", "domain")
_REPS = ("rep", "rep_email", "owner", "owner_email")
_MORE = {"name": 256, "record": 256, "system": 64}
_DOMAIN = re.compile(r"(?=.{3,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*", re.ASCII)
LONGEST_PLAIN = 64
_HIDDEN = re.compile(r"[\x00-\x1f\x7f]")


class OwnerLine(NamedTuple):
    """One owner as said. `key` is normal: lower case."""

    kind: str
    key: str
    rep_email: str
    name: str
    record: str
    system: str


class LineFault(Struct, frozen=True):
    """What is wrong with a line of the file; the first line is 1."""

    line: int
    message: str


class Reading(NamedTuple):
    """What could be read, by line, and what couldn't."""

    lines: dict[int, OwnerLine]
    faults: list[LineFault]


class _Wrong(Exception):
    """A line can't be taken; the message says why."""


def read_owners(text: str) -> Reading:
    """Read a CSV file with commas, semicolons or tabs. Every fault is found, up to 200."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), dialect_of(text))
    lines: dict[int, OwnerLine] = {}
    faults: list[LineFault] = []
    seen: dict[tuple[str, str], int] = {}
    try:
        head = _head(next(rows, []))
        for line, row in paced(_numbered(rows)):
            try:
                found = owner_line(_cells(head, row))
                _check_new(found, line, seen)
            except _Wrong as error:
                faults.append(LineFault(line, str(error)))
            else:
                lines[line] = found
            if len(faults) >= MOST_FAULTS or len(lines) > MOST_LINES:
                break
    except (_Wrong, csv.Error) as error:
        faults.append(LineFault(max(rows.line_num, 1), str(error)))
    if len(lines) > MOST_LINES:
        faults.append(LineFault(rows.line_num, f"There can be at most {MOST_LINES:,} lines."))
    return Reading(lines, faults)


def owner_line(cells: dict[str, str]) -> OwnerLine:
    """Return one owner from named cells. Raises what `wrong` says for a cell that can't be."""
    kind = cells.get("kind", "").casefold().replace(" ", "_")
    if kind not in KINDS:
        raise _Wrong(f"kind: one of {', '.join(KINDS)}.")
    more = {name: _short(cells, name, longest) for name, longest in _MORE.items()}
    rep = next((cells[name] for name in _REPS if cells.get(name)), "")
    key = next((cells[name] for name in _KEYS if cells.get(name)), "")
    return OwnerLine(kind, _key(kind, key), _email(rep, "rep") if rep else "", **more)


def checked_line(cells: dict[str, str]) -> OwnerLine:
    """As `owner_line`, for one that was typed in. Raises bad_request."""
    try:
        return owner_line(cells)
    except _Wrong as error:
        raise FrontdeskError("bad_request", str(error)) from None


def _numbered(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for row in rows:
        if any(cell.strip() for cell in row):
            yield rows.line_num, row  # type: ignore[attr-defined] # csv's reader has it


def dialect_of(text: str) -> type[csv.Dialect]:
    """Commas, semicolons or tabs: what the first line has most of."""
    first = text.partition("\n")[0]
    used = max(",;\t", key=first.count)

    class Found(csv.excel):
        delimiter = used
        strict = True

    return Found


def _head(row: list[str]) -> list[str]:
    names = [cell.strip().casefold().replace(" ", "_") for cell in row]
    known = {"kind", *_KEYS, *_REPS, *_MORE}
    if odd := [name for name in names if name and name not in known]:
        raise _Wrong(f"{odd[0]!r} is no column. They are kind, key, rep, name, record, system.")
    if "kind" not in names or not set(names) & set(_KEYS):
        raise _Wrong("The first line must name the columns: kind, key, rep, …")
    if len(set(names)) != len(names):
        raise _Wrong("A column is there twice.")
    return names


def _cells(head: list[str], row: list[str]) -> dict[str, str]:
    if len(row) > len(head) and any(cell.strip() for cell in row[len(head) :]):
        raise _Wrong(f"There are {len(row)} cells under {len(head)} columns.")
    return {name: cell.strip() for name, cell in zip(head, row, strict=False)}


def _key(kind: str, text: str) -> str:
    if not text:
        raise _Wrong("key: must not be empty.")
    if kind != "account":
        return _email(text, "key")
    domain = text.casefold().removeprefix("@").removeprefix("www.").rstrip(".")
    if not domain.isascii():
        domain = _ascii(domain)
    if not _DOMAIN.fullmatch(domain):
        raise _Wrong(f"key: {text[:80]!r} is no domain, such as example.com.")
    return domain


def _ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _email(text: str, name: str) -> str:
    local, _, domain = text.rpartition("@")
    try:
        if len(text) <= LONGEST_PLAIN and _PLAIN.fullmatch(local):
            return f"{local.lower()}@{_domain_of_email(domain)}"
        return normal_email(text)
    except FrontdeskError:
        raise _Wrong(f"{name}: {text[:80]!r} is no email address.") from None


@lru_cache(maxsize=4096)
def _domain_of_email(domain: str) -> str:
    """The domain as addresses have it. Of each it is looked at once: that takes 0.5 ms, and a file
    of 200,000 lines has each of its reps' addresses, and most companies, many times.
    """
    return normal_email(f"a@{domain}").rpartition("@")[2]


def _short(cells: dict[str, str], name: str, longest: int) -> str:
    text = cells.get(name, "")
    if len(text) > longest:
        raise _Wrong(f"{name}: at most {longest} characters.")
    if _HIDDEN.search(text):
        raise _Wrong(f"{name}: has a character that can't be shown.")
    return text


def _check_new(found: OwnerLine, line: int, seen: dict[tuple[str, str], int]) -> None:
    before = seen.setdefault((found.kind, found.key), line)
    if before != line:
        raise _Wrong(f"{found.kind} {found.key} is in line {before} already.")
