"""What is kept of a decision: version, values and presence of its instant, as JSON (RT-12).

Which rules were tried, and each filter's outcome, follows from the version and the values: it is
derived when somebody reads (`explained`), for explaining fifty rules takes a hundred times as long
as deciding. `words` tells it in sentences.
"""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from frontdesk.filters import Tested, Value, plain
from frontdesk.routing.decisions.compiled import CompiledRules, Trial, Tried
from frontdesk.routing.owners.ownership import Owned
from frontdesk.routing.rule import Look

if TYPE_CHECKING:  # it imports this
    from frontdesk.routing.decisions.decision import Considered, Decision, Stage

FORM = 2
"""The version of the record's form; 1 was the default rule alone."""

MOST_REPS = 200
"""Reps that are kept one by one, of those considered and of a stage; all are counted."""

LONGEST_ACTUAL = 200
"""Characters told of a visitor's value, and values of a field that has several."""

LONGEST_KEPT = 2000
"""Characters kept of it, so that a filter sees what it saw then."""


def record_of(decision: "Decision") -> bytes:
    """The record as it is stored."""
    situation = {key: _plain(_kept(value)) for key, value in decision.facts.situation.items()}
    return orjson.dumps({**_record(decision), "situation": situation})


def as_json(decision: "Decision") -> dict[str, Any]:
    """The record as a value of JSON, explained. Keys that don't apply are left out."""
    return {**_record(decision), **_trial(decision.tried())}


def explained(record: Mapping[str, Any], compiled: CompiledRules) -> dict[str, Any]:
    """A stored record with the rules that were tried; `compiled` is the version it names."""
    if "situation" not in record:  # the first release's, or explained already
        return dict(record)
    situation = compiled.registry.situation(dict(record["situation"]))
    rest = {key: value for key, value in record.items() if key != "situation"}
    return {**rest, **_trial(compiled.tried(situation))}


def _trial(trial: Trial) -> dict[str, Any]:
    return {"tried": [_tried(rule) for rule in trial.rules], "tried_more": trial.skipped}


def _record(decision: "Decision") -> dict[str, Any]:
    looked_at = decision.looked_at()
    return {
        "version": FORM,
        "ruleset": decision.version,
        "rule": decision.rule,
        "name": decision.name,
        "strategy": decision.strategy,
        "why": decision.why,
        "at": decision.at,
        **_people(decision),
        "considered": [_considered(decision.consider(rep)) for rep in looked_at[:MOST_REPS]],
        "counts": Counter(map(decision.seen.eligibility, looked_at)),
        "stages": [_stage(stage) for stage in decision.stages],
        "fallback": decision.matched.fallback,
        "wait_ms": decision.wait_ms,
        "missed": decision.missed,
        "asked_for": decision.matched.missed,
        "book": decision.book,
    }


def _tried(rule: Tried) -> dict[str, Any]:
    return {
        "rule": rule.rule,
        "name": rule.name,
        "number": rule.number,
        "matched": rule.matched,
        "tested": [_tested(one) for one in rule.tested],
    }


def _tested(one: Tested) -> dict[str, Any]:
    tested = {
        "place": one.place,
        "field": one.field,
        "op": one.op,
        "value": _plain(one.expected),
        "actual": _plain(_short(one.actual)),
        "matched": one.matched,
    }
    return {key: value for key, value in tested.items() if value is not None}


def _plain(value: Any) -> Any:
    return [plain(one) for one in value] if isinstance(value, tuple) else plain(value)


def _kept(value: Value) -> Value:
    return value[:LONGEST_KEPT] if isinstance(value, str) else value


def _short(value: Value | None) -> Value | None:
    if isinstance(value, str):
        return value if len(value) <= LONGEST_ACTUAL else value[: LONGEST_ACTUAL - 1] + "…"
    if isinstance(value, tuple):
        return tuple(str(_short(one)) for one in value[:LONGEST_ACTUAL])
    return value


def _people(decision: "Decision") -> dict[str, Any]:
    """What was looked up of owners and of Outreach, and what came of it (RT-7, RT-9)."""
    rule, own = decision.matched, decision.facts.ownership
    found: dict[str, Any] = {}
    if rule.outreach.on:
        found["outreach"] = {
            "ring": rule.outreach.ring,
            "fallback": rule.outreach.fallback,
            "sender": _owned(decision, own.outreach_sender),
            "owner": _owned(decision, own.outreach_owner),
        }
    if rule.owner.on:
        records = {Look.CONTACT: own.contact, Look.LEAD: own.lead, Look.ACCOUNT: own.account}
        look = next((one for one in rule.owner.look if records[one]), None)
        nobody = "not_looked_up" if own.unknown else "not_found"
        found["owner"] = {
            "look": rule.owner.look,
            "ring": rule.owner.ring,
            "kind": look,
            **(_owned(decision, records[look] if look else None) or {"came": nobody}),
        }
    return found


def _owned(decision: "Decision", owned: Owned | None) -> dict[str, Any] | None:
    if owned is None:
        return None
    came = decision.seen.eligibility(owned.rep) if owned.rep else "unmapped"
    return {
        "rep": owned.rep,
        "name": owned.name,
        "record": owned.record,
        "system": owned.system,
        "came": came,
    }


def _considered(rep: "Considered") -> dict[str, Any]:
    return {
        "rep": rep.rep,
        "eligibility": rep.eligibility,
        "since": rep.since,
        "cause": rep.cause,
        "load": rep.load,
        "capacity": rep.capacity,
    }


def _stage(stage: "Stage") -> dict[str, Any]:
    return {
        "kind": stage.kind,
        "mode": stage.mode,
        "reps": stage.reps[:MOST_REPS],
        "of": len(stage.reps),
        "limit": stage.limit,
        "always": stage.always,
        "over": stage.over,
        "ring_ms": stage.ring_ms,
    }
