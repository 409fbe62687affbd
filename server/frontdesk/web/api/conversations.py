"""Archived conversations: list with search, one whole, transcript. A rep sees their own (RT-11)."""

import base64
import binascii
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from starlette.responses import Response

from frontdesk.errors import FrontdeskError
from frontdesk.filters import Registry
from frontdesk.people.refusals import invalid
from frontdesk.people.rep import Person
from frontdesk.people.roles import Right
from frontdesk.routing.decisions.words import tell
from frontdesk.storage import records
from frontdesk.storage.records import Place, Record, Routed, Wanted
from frontdesk.web.api.answers import (
    ConversationAnswer,
    Conversations,
    DecisionAnswer,
    WholeConversation,
)
from frontdesk.web.api.endpoint import Call, Nothing
from frontdesk.web.api.transcript import transcript_of
from frontdesk.wire.times import stamp

MOST_ENTRIES = 1000


class Search(Struct, frozen=True, forbid_unknown_fields=True):
    """Empty means any. `q` are words, all of which must occur in the visitor's name, address or
    company, or in what was said; `rep` is an id; `cursor` is from the page before.
    """

    state: Literal["", "requested", "active", "closed", "missed"] = ""
    rep: Annotated[str, Meta(max_length=64)] = ""
    visitor: Annotated[str, Meta(max_length=64)] = ""
    q: Annotated[str, Meta(max_length=200)] = ""
    cursor: Annotated[str, Meta(max_length=200)] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """`before`: only entries below this offset; 0 means the newest."""

    before: Annotated[int, Meta(ge=0, le=2**53 - 1)] = 0


async def conversations(call: Call[Search]) -> Conversations:
    search, me = call.input, call.me
    rep_id = search.rep if me.may(Right.SEE_ALL) else me.id
    wanted = Wanted(call.services.desk, search.state, rep_id, search.visitor, search.q)
    after = _place(search.cursor) if search.cursor else None
    async with call.services.database.read() as connection:
        found = await records.listed(connection, wanted, after=after, limit=search.limit + 1)
    page = found[: search.limit]
    cursor = _cursor(page[-1]) if len(found) > len(page) else None
    return Conversations([ConversationAnswer(**_common(record)) for record in page], cursor)


async def conversation(call: Call[Part]) -> WholeConversation:
    id = call.path["id"]
    registry = await call.services.routing.fields.registry()
    async with call.services.database.read() as connection:
        record = _visible(call, await records.one(connection, id))
        found = await records.entries(
            connection, id, before=call.input.before, limit=MOST_ENTRIES + 1
        )
        routed = await records.decisions(connection, id)
        names = await records.names_of(connection)
    entries = [{**entry, "at": stamp(entry["at"])} for entry in found[-MOST_ENTRIES:]]
    more = len(found) > len(entries)
    explained = call.services.routing.explanations.of
    routed = [one._replace(body=await explained(one.body)) for one in routed]
    return WholeConversation(
        **_common(record),
        entries=entries,
        more=more,
        decision=_newest(routed),
        decisions=[_told(one, names, registry) for one in routed],
    )


def _newest(routed: list[Routed]) -> dict[str, Any] | None:
    if not routed:
        return None
    last = routed[-1]
    return {**last.body, "version": last.version, "at": last.at, "offers": last.offers}


def _told(one: Routed, names: dict[str, str], registry: Registry) -> DecisionAnswer:
    """In words of today: a rep who changed their name has the new one."""
    offers = [{**offer, "rep": offer["rep"]["id"]} for offer in (*one.kept, *one.offers)]
    words = tell(one.body, names, offers, registry=registry, at=one.at, ended=one.ended)
    return DecisionAnswer(one.at, one.body, one.offers, words)


async def transcript(call: Call[Nothing]) -> Response:
    """The whole conversation as plain text, to be saved (CH-4)."""
    id = call.path["id"]
    async with call.services.database.read() as connection:
        record = _visible(call, await records.one(connection, id))
        entries = await records.entries(connection, id, limit=100_000)
    name = f"conversation-{id}.txt"
    return Response(
        transcript_of(record, entries),
        media_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _visible(call: Call[Any], record: Record | None) -> Record:
    """The same refusal for what is another's and for what isn't there: ids tell nobody anything."""
    me = call.me
    if record is not None and (
        me.may(Right.SEE_ALL) or (record.rep is not None and record.rep["id"] == me.id)
    ):
        return record
    raise FrontdeskError("not_found")


def _common(record: Record) -> dict[str, Any]:
    return {**record._asdict(), "rep": Person(**record.rep) if record.rep else None}


def _cursor(record: Record) -> str:
    raw = f"{record.requested_at}:{record.id}".encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, id = raw.partition(":")
        place = Place(int(at), id)
    except (ValueError, binascii.Error):
        raise invalid(cursor="This is no cursor of ours.") from None
    if not 0 <= place.requested_at < 2**53 or "\x00" in place.id:
        raise invalid(cursor="This is no cursor of ours.")
    return place
