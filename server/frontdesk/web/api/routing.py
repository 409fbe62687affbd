"""Routing rules over HTTP: the draft, versions, what is different, checks (RT-14, RT-16)."""

import asyncio
import gzip
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct
from starlette.responses import Response

from frontdesk.filters import OPERATORS, TAKES_LIST, TAKES_NOTHING, WORDS, Field, Op
from frontdesk.people.refusals import invalid
from frontdesk.routing.rules.checking import Checked
from frontdesk.routing.rules.rulebook import Which
from frontdesk.web.api import routing_answers as answers
from frontdesk.web.api.endpoint import Call, Nothing
from frontdesk.web.api.routing_answers import LintAnswer

MOST = 5 * 1024 * 1024
"""Bytes of a body with rules: 5,000 of them, the most there can be, take up to that."""
WORTH_GZIP = 16 * 1024
Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Note = Annotated[str, Meta(max_length=500)]


class DraftChange(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole rule document, and the revision that it is a change of."""

    revision: Number
    rules: Raw


class Revision(Struct, frozen=True, forbid_unknown_fields=True):
    """The draft's revision as it was read."""

    revision: Number


class Publication(Struct, frozen=True, forbid_unknown_fields=True):
    """The draft's revision, and a word on why. `over`: the live version that it may replace though
    the draft began with another one (after `behind`).
    """

    revision: Number
    note: Note = ""
    over: Number | None = None


class RollBack(Struct, frozen=True, forbid_unknown_fields=True):
    """The version whose rules are to be live again in place of those of `live`, the live version
    that was looked at.
    """

    number: Number
    live: Number
    note: Note = ""


class Before(Struct, frozen=True, forbid_unknown_fields=True):
    """Only versions below this one; 0: the newest."""

    before: Number = 0
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class Two(
    Struct, frozen=True, forbid_unknown_fields=True, rename={"before": "from", "after": "to"}
):
    """Versions by number, or `draft`."""

    before: Annotated[str, Meta(pattern=r"^(draft|[0-9]{1,9})$")]
    after: Annotated[str, Meta(pattern=r"^(draft|[0-9]{1,9})$")]


class RulesToCheck(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole rule document."""

    rules: Raw


async def routing(call: Call[Nothing]) -> Response:
    """What is live, the draft, who edits. Large, so with ETag and gzip."""
    rulebook = call.services.routing.rulebook
    tag = f'W/"{await rulebook.stamp()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if tag in call.if_none_match:
        return Response(status_code=304, headers=headers)
    answer = answers.RoutingAnswer.of(await rulebook.shown())
    body, packed = await asyncio.to_thread(_packed, answer, wanted=call.gzip)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type="application/json")


def _packed(answer: Struct, *, wanted: bool) -> tuple[bytes, bool]:
    body = msgspec.json.encode(answer)
    if not wanted or len(body) < WORTH_GZIP:
        return body, False
    return gzip.compress(body, compresslevel=1), True


async def change_draft(call: Call[DraftChange]) -> answers.SavedAnswer:
    wanted = call.input
    rulebook = call.services.routing.rulebook
    revision, checked = await rulebook.save(call.me, wanted.revision, wanted.rules)
    return answers.SavedAnswer(revision, [], _lint(checked))


async def discard_draft(call: Call[Revision]) -> None:
    await call.services.routing.rulebook.discard(call.me, call.input.revision)


async def publish(call: Call[Publication]) -> answers.NumberAnswer:
    wanted = call.input
    number = await call.services.routing.rulebook.publish(
        call.me, wanted.revision, wanted.note, over=wanted.over
    )
    return answers.NumberAnswer(number)


async def roll_back(call: Call[RollBack]) -> answers.NumberAnswer:
    wanted = call.input
    number = await call.services.routing.rulebook.roll_back(
        call.me, wanted.number, wanted.note, live=wanted.live
    )
    return answers.NumberAnswer(number)


async def routing_versions(call: Call[Before]) -> answers.VersionsAnswer:
    wanted = call.input
    page = await call.services.routing.rulebook.versions(before=wanted.before, limit=wanted.limit)
    return answers.VersionsAnswer.of(page)


async def routing_version(call: Call[Nothing]) -> answers.LiveAnswer:
    number = _which(call.path["number"])
    if number == "draft":
        raise invalid(number="A number.")
    return answers.LiveAnswer.of(*await call.services.routing.rulebook.version(number))


async def routing_diff(call: Call[Two]) -> answers.DiffAnswer:
    before, after = _which(call.input.before), _which(call.input.after)
    rulebook = call.services.routing.rulebook
    return answers.DiffAnswer(await rulebook.differences(before, after))


async def check_rules(call: Call[RulesToCheck]) -> answers.CheckAnswer:
    checked = await call.services.routing.rulebook.check(call.input.rules)
    return answers.CheckAnswer(list(checked.faults), _lint(checked), checked.more)


async def say_editing(call: Call[Nothing]) -> answers.EditorsAnswer:
    editors, revision = await call.services.routing.rulebook.say_editing(call.me)
    return answers.EditorsAnswer(list(editors), revision)


async def routing_fields(call: Call[Nothing]) -> answers.FieldsAnswer:
    registry = await call.services.routing.fields.registry()
    return answers.FieldsAnswer([_field(field) for field in registry])


def _field(field: Field) -> answers.FieldAnswer:
    operators = [
        answers.OperatorAnswer(op.value, WORDS[op], _takes(op)) for op in OPERATORS[field.type]
    ]
    return answers.FieldAnswer(
        field.key, field.label, field.type, field.source, field.example, list(field.values),
        operators,
    )  # fmt: skip


def _takes(op: Op) -> str:
    if op in TAKES_NOTHING:
        return "none"
    if op in TAKES_LIST:
        return "list"
    return "two" if op is Op.BETWEEN else "one"


def _which(text: str) -> Which:
    if text == "draft":
        return "draft"
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise invalid(number="A number.")
    return int(text)


def _lint(checked: Checked) -> list[LintAnswer]:
    return [
        LintAnswer(one.code, one.rule, one.place, one.message, one.severity) for one in checked.lint
    ]
