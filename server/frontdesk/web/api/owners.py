"""The table of owners over HTTP (RT-7): list, change, import from CSV."""

import base64
import binascii
from typing import Annotated

from msgspec import Meta, Struct

from frontdesk.people.refusals import invalid
from frontdesk.routing.owners.owner_csv import KINDS
from frontdesk.routing.store.owners import OwnerRow, Place
from frontdesk.web.api import routing_answers as answers
from frontdesk.web.api.endpoint import Call, Nothing

MOST = 10 * 1024 * 1024
"""Bytes of a body with a CSV file."""
Text = Annotated[str, Meta(max_length=256)]


class OwnerSearch(Struct, frozen=True, forbid_unknown_fields=True):
    """`q` are words that must all occur in the key, or in the owner's name or address."""

    q: Annotated[str, Meta(max_length=200)] = ""
    cursor: Annotated[str, Meta(max_length=500)] = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class OwnerChange(Struct, frozen=True, forbid_unknown_fields=True):
    """One owner, new or in place of the one of that kind and key. Without `rep_email` the owner is
    nobody of ours.
    """

    kind: Text
    key: Text
    rep_email: Text = ""
    name: Text = ""
    record: Text = ""
    system: Text = ""


class OwnersFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A CSV file. Columns: kind, key, rep, and, if wanted, name, record, system."""

    csv: str


class Preview(Struct, frozen=True, forbid_unknown_fields=True):
    """With `preview` nothing is written."""

    preview: bool = False


async def owners(call: Call[OwnerSearch]) -> answers.OwnersAnswer:
    search = call.input
    after = _place(search.cursor) if search.cursor else None
    found, total = await call.services.routing.owners.listed(
        search.q, after=after, limit=search.limit + 1
    )
    page = found[: search.limit]
    cursor = _cursor(page[-1]) if len(found) > len(page) else None
    return answers.OwnersAnswer([_answer(row) for row in page], cursor, total)


async def put_owner(call: Call[OwnerChange]) -> answers.OwnerAnswer:
    wanted = call.input
    cells = {name: str(getattr(wanted, name)).strip() for name in wanted.__struct_fields__}
    return _answer(await call.services.routing.owners.put(call.me, cells))


async def import_owners(call: Call[OwnersFile]) -> answers.ImportedAnswer:
    done = await call.services.routing.owners.load(
        call.me, call.input.csv, preview=call.query.preview
    )
    return answers.ImportedAnswer(done.added, done.changed, done.same, done.faults)


async def delete_owner(call: Call[Nothing]) -> None:
    await call.services.routing.owners.remove(call.me, call.path["id"])


def _answer(row: OwnerRow) -> answers.OwnerAnswer:
    return answers.OwnerAnswer(
        id=row.id,
        kind=row.kind,
        key=row.key,
        rep_id=row.rep_id if row.active else None,
        rep_email=row.rep_email,
        name=row.name,
        record=row.record,
        system=row.system,
        updated_at=row.updated_at,
    )


def _cursor(row: OwnerRow) -> str:
    return base64.urlsafe_b64encode(f"{row.kind}:{row.key}".encode()).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (ValueError, binascii.Error):
        raise invalid(cursor="This is no cursor of ours.") from None
    kind, _, key = raw.partition(":")
    if kind not in KINDS or "\x00" in key:
        raise invalid(cursor="This is no cursor of ours.")
    return Place(key, kind)
