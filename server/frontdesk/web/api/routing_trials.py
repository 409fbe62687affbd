"""Trying rules over HTTP: one visitor, who matches, simulations, fairness (RT-13, RT-15)."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from frontdesk.people.refusals import invalid
from frontdesk.routing.decisions.words import tell
from frontdesk.routing.rule import DEFAULT_ID, RuleSet
from frontdesk.routing.rules.rulebook import Which
from frontdesk.routing.simulations.simulations import Request
from frontdesk.web.api import routing_answers as answers
from frontdesk.web.api.endpoint import Call, Nothing

MOST = 10 * 1024 * 1024
"""Bytes of a body with samples."""
Id = Annotated[str, Meta(max_length=64)]
At = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Trial(Struct, frozen=True, forbid_unknown_fields=True):
    """One visitor: `about` by the keys of fields (`{"location.country": "JP"}`) or as conversations
    keep it, or the one of a conversation. `rules`: a document; without it the draft, or what is
    live.
    """

    rules: Raw | UnsetType = UNSET
    about: dict[str, Any] | UnsetType = UNSET
    conversation: Id | UnsetType = UNSET


class RulesToMatch(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole rule document."""

    rules: Raw


class SimulationRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The recorded requests of the last `days`, or `samples`, a CSV file whose columns are the keys
    of fields. `rules`: a document; without it the draft.
    """

    rules: Any = None
    days: Annotated[int, Meta(ge=1, le=366)] | UnsetType = UNSET
    samples: str | UnsetType = UNSET


class Period(
    Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}
):
    """From, until (ms since 1970), at most 92 days."""

    since: At
    until: At


async def try_rules(call: Call[Trial]) -> answers.TriedAnswer:
    wanted, room = call.input, call.services.routing
    if (wanted.about is UNSET) == (wanted.conversation is UNSET):
        raise invalid(about="Give either about or conversation.")
    about = wanted.about
    if about is UNSET:
        about = await room.trials.about_of(str(wanted.conversation))
    else:
        about = await room.trials.given(about)
    given = isinstance(wanted.rules, Raw) and bytes(wanted.rules) != b"null"
    document = wanted.rules if given else await room.rulebook.draft_text()
    draft = await _told(call, 0, await room.rulebook.parsed(document), about)
    return answers.TriedAnswer(draft, await _told(call, *await room.rulebook.live(), about))


async def _told(
    call: Call[Any], number: int, ruleset: RuleSet, about: dict[str, Any]
) -> answers.ToldAnswer:
    tried = await call.services.routing.trials.decision(number, ruleset, about)
    words = tell(tried.record, tried.names, registry=tried.registry, trial=True)
    return answers.ToldAnswer(tried.record, words)


async def match_rules(call: Call[RulesToMatch]) -> answers.MatchesAnswer:
    room = call.services.routing
    found = await room.trials.matches(await room.rulebook.parsed(call.input.rules))
    counts = dict(found.rules)
    return answers.MatchesAnswer(rules=counts, default=counts.pop(DEFAULT_ID), of=found.of)


async def simulate(call: Call[SimulationRequest]) -> answers.StartedAnswer:
    wanted, room = call.input, call.services.routing
    if (wanted.days is UNSET) == (wanted.samples is UNSET):
        raise invalid(days="Give either days or samples.")
    document = await _document(call, wanted.rules)
    await room.rulebook.parsed(document)
    live = (await room.rulebook.standing()).live
    request = Request(
        document,
        live.document,
        0 if wanted.days is UNSET else wanted.days,
        "" if wanted.samples is UNSET else wanted.samples,
    )
    return answers.StartedAnswer(await room.simulations.add(call.me, request))


async def simulation(call: Call[Nothing]) -> answers.SimulationAnswer:
    found = await call.services.routing.simulations.one(call.path["id"])
    state = "running" if found.state == "waiting" else found.state
    if state == "failed":
        message = str((found.result or {}).get("message", ""))
        return answers.SimulationAnswer(state, found.done, found.of, message)
    return answers.SimulationAnswer(state, found.done, found.of, result=found.result)


async def fairness(call: Call[Period]) -> answers.FairnessAnswer:
    found = await call.services.routing.ledger.of(call.input.since, call.input.until)
    return answers.FairnessAnswer(found.reps, found.rules, found.drift)


async def _document(call: Call[Any], rules: Any) -> Any:
    which: Which = "draft"
    return await call.services.routing.rulebook.document(which) if rules is None else rules
