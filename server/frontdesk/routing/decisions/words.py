"""A decision told in sentences, from its record and what became of its offers (RT-12).

Made on reading: names, the reader's time zone and these words may change, the record doesn't.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from frontdesk.filters import Registry
from frontdesk.filters.faults import quoted
from frontdesk.people.presence_words import CHOICES
from frontdesk.routing.decisions.able import Able, able_of, waits_for_a_place
from frontdesk.routing.decisions.condition_words import say_reasons
from frontdesk.routing.rule import DEFAULT_ID, Missed

NAMED = 8
"""Reps that are told of one by one."""
RULES_NAMED = 5
"""Rules that didn't match and are told of one by one."""

SOMEBODY = "a former colleague"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBERS = ("nobody", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

_WHY = {
    "session": "It was decided who sees this visitor; nothing rang.",
    "transfer": "The conversation was passed on.",
    "rep_lost": "The rep lost the connection, so the conversation was offered again.",
    "again": "Nobody took it, so it went back to its rule.",
    "reroute": "More became known of the visitor, so it was decided again.",
}
_STATES = {
    "eligible": "available",
    "offline": "offline",
    "away": "away",
    "idle": "idle",
    "off_hours": "outside working hours",
    "full": "at capacity",
    "no_connection": "without a connection",
    "left": "not taking chats any more",
    "unmapped": "nobody on this desk",
}
_CAUSES = {
    "idle": "idle",
    "unanswered": "let offers expire unanswered",
    "chosen": "chose so",
    "manager": "set by a manager",
    "lost": "the connection was lost",
    "new": "",
    "": "",
}
_OUTCOMES = {
    "claimed": "started the conversation",
    "declined": "declined",
    "expired": "let it expire",
    "lost": "was too late",
    "away": "went away",
    "offline": "went offline",
    "idle": "became idle",
    "cancelled": "was no longer asked: the request ended",
    "rerouted": "was no longer asked: it was routed anew",
    "full": "had no place left",
}
_MISSED = {
    "nobody": "Nobody was available",
    "declined": "All who were rung declined",
    "timeout": "Nobody answered in time",
}
_RECORDS = {"contact": "contact", "lead": "lead", "account": "account"}
_MODES = {
    "all": "at once",
    "order": "one at a time, in random order",
    "rotation": "one at a time, whose turn it is first",
    "least_busy": "one at a time, the least busy first",
}


def tell(
    record: Mapping[str, Any],
    names: Mapping[str, str],
    offers: Sequence[Mapping[str, Any]] = (),
    *,
    registry: Registry | None = None,
    zone: tzinfo = UTC,
    at: int | None = None,
    ended: Mapping[str, Any] | None = None,
    trial: bool = False,
) -> list[str]:
    """Sentences, in the order in which things were looked at and happened.

    `record` is the stored one, of any version. `names`: of reps by id. `offers`: what became of
    each ring, with `rep` (an id, or a person), `at`, `seen_at`, `outcome` and `ended_at` (ms; None:
    not yet), the oldest first. `at` (ms), of the decision: who rang before it rings on, who rang
    later than that had to become free first. `ended`: how the request ended, `type` (claimed,
    missed, closed; anything else: decided anew), `at`, and of missed `why`; None: it waits.
    `trial`: rules are tried, at this instant; nobody is rung.
    """
    offers = [{**one, "rep": _id(one["rep"])} for one in offers]
    kept = [one["rep"] for one in offers if at is not None and one["at"] < at]
    offers = offers[len(kept) :]
    teller = _Teller(
        record, names, registry or Registry.builtin(), zone, at=at, ended=ended, kept=kept,
        trial=trial,
    )  # fmt: skip
    return [
        _begun(sentence)
        for part in (
            teller.rule(),
            teller.people(),
            teller.rings(offers),
            teller.others(offers),
            teller.happened(offers),
            teller.ends(offers),
            teller.not_matched(),
        )
        for sentence in part
    ]


def _begun(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:] if sentence.startswith(SOMEBODY) else sentence


class _Teller:
    """Tells one record."""

    def __init__(
        self,
        record: Mapping[str, Any],
        names: Mapping[str, str],
        registry: Registry,
        zone: tzinfo,
        *,
        at: int | None,
        ended: Mapping[str, Any] | None,
        kept: Sequence[str],
        trial: bool,
    ) -> None:
        self._record = record
        self._names = names
        self._registry = registry
        self._zone = zone
        self._at = at
        self._ended = ended
        self._kept = list(dict.fromkeys(kept))
        self._trial = trial
        self._be = "is" if trial else "was"
        self._states = {one["rep"]: one for one in record.get("considered", ())}

    def rule(self) -> Iterator[str]:
        """Which rule decided, and why."""
        if said := _WHY.get(self._record.get("why", "")):
            yield said
        tried = self._record.get("tried", [])
        for one in tried:
            if one["matched"]:
                why = say_reasons(one["tested"], self._registry, matched=True)
                reasons = f": {why}" if why else ": it takes every visitor"
                yield f"Rule {one['number']} {quoted(one['name'])} matched{reasons}."
        if self._record["rule"] == DEFAULT_ID:
            no_match = "No rule matched: t" if tried else "T"
            yield f"{no_match}he default rule decided."

    def not_matched(self) -> Iterator[str]:
        """The rules before it, each with the first thing for which it didn't match."""
        others = [one for one in self._record.get("tried", ()) if not one["matched"]]
        for one in others[:RULES_NAMED]:
            why = say_reasons(one["tested"], self._registry, matched=False)
            reason = f": {why}" if why else ""
            yield f"Rule {one['number']} {quoted(one['name'])} didn't match{reason}."
        more = len(others) - RULES_NAMED + self._record.get("tried_more", 0)
        if more > 0:
            yield f"{_count(more, 'more rule').capitalize()} didn't match."

    def people(self) -> Iterator[str]:
        """What was looked up of Outreach and of owners (RT-7, RT-9)."""
        outreach = self._record.get("outreach")
        if outreach:
            yield from self._outreach(outreach)
        owner = self._record.get("owner")
        if owner and owner["came"] == "not_found":
            look = _either(owner["look"])
            yield f"No owner was found: your owners' table has no {look} of this visitor."
        elif owner and owner["came"] == "not_looked_up":
            yield "Who owns the visitor's records couldn't be found out in time."
        elif owner:
            yield self._owner(owner)

    def _outreach(self, outreach: Mapping[str, Any]) -> Iterator[str]:
        known = [(who, outreach[who]) for who in ("sender", "owner") if outreach.get(who)]
        for who, one in known:
            what = "sent the email they came from" if who == "sender" else "owns the prospect"
            if one["rep"]:
                yield f"{self._name(one['rep'])} {what}, and {self._be} {self._state(one)}."
            else:
                yield f"Who {what} is nobody on this desk."
        if known and not outreach["fallback"]:
            yield "Nobody else may be rung: this fallback is removed."

    def _owner(self, owner: Mapping[str, Any]) -> str:
        of = f"the {_RECORDS[owner['kind']]}{' ' + owner['name'] if owner['name'] else ''}"
        if owner["rep"]:
            who, state = self._name(owner["rep"]), self._state(owner)
            return f"{who} owns {of}{_according(owner)}, and {self._be} {state}."
        nobody = "nobody on this desk: a queue, or somebody without an account"
        return f"Who owns {of}{_according(owner)}, is {nobody}."

    def _state(self, owned: Mapping[str, Any]) -> str:
        seen = self._states.get(owned["rep"])
        return self._was(seen) if seen else _STATES.get(owned["came"], owned["came"])

    def rings(self, offers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Whom it rang or rings; of a trial, would ring."""
        if self._kept:
            names = [self._name(rep) for rep in self._kept[:NAMED]]
            yield f"{_list(names, len(self._kept) - NAMED)} rang on."
        if offers:
            yield from self._waited(min(one["at"] for one in offers))
            rung = list(dict.fromkeys(one["rep"] for one in offers))
            more = " more" if self._kept else ""
            yield f"Rang {_number(len(rung))}{more} rep{'' if len(rung) == 1 else 's'}."
        elif self._kept:
            return
        elif self._ended and able_of(self._record):
            yield "Nobody was rung after all: whoever could have been wasn't there any more."
        elif able := able_of(self._record):
            verb = "Would ring" if self._trial else "Rings"
            yield f"{verb} {'; then '.join(map(self._ringing, able))}."
        elif "stages" in self._record:
            yield self._nobody()

    def _waited(self, until: int) -> Iterator[str]:
        """For a place, before anybody could be rung (PR-6)."""
        if self._at is None or until <= self._at or able_of(self._record):
            return
        if waits_for_a_place(self._record):
            yield (
                "Nobody could be rung at first: the visitor waited for a place with somebody at "
                f"capacity until {self._time(until)}."
            )

    def _nobody(self) -> str:
        nobody = "Nobody can be rung now" if self._trial else "Nobody could be rung"
        if waits_for_a_place(self._record):
            waits = "would wait" if self._trial else "waited" if self._ended else "waits"
            return f"{nobody}: the visitor {waits} for a place with somebody at capacity."
        return f"{nobody}." if self._record["fallback"] else f"{nobody}: there is no fallback."

    def _ringing(self, stage: Able) -> str:
        reps = [self._name(rep) for rep in stage.reps[:NAMED]]
        if stage.of == 1:
            alone = " alone" if stage.kind == "owner" else ""
            return f"{_list(reps)}{alone}" if reps else "one rep"
        if stage.led:
            return f"{reps[0]} and one of {_count(stage.of - 1, 'more rep')}"
        named = _list(reps, stage.of - len(reps)) if reps else _count(stage.of, "rep")
        return f"{named}, {_MODES[stage.mode]}"

    def others(self, offers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Who was meant and couldn't ring, and why."""
        told = self._told_of() | {one["rep"] for one in offers}
        unable = [
            one
            for one in self._record.get("considered", ())
            if one["eligibility"] != "eligible" and one["rep"] not in told
        ]
        offline = [one for one in unable if one["eligibility"] == "offline"]
        if len(offline) > 1:  # whoever isn't here is of no interest one by one
            unable = [one for one in unable if one["eligibility"] != "offline"]
        besides = bool(told or self._kept or able_of(self._record))  # somebody was named before
        meant = "also meant" if besides else f"who {self._be} meant"
        for one in unable[:NAMED]:
            yield f"{self._name(one['rep'])}, {meant}, {self._be} {self._was(one)}."
        if len(offline) > 1:
            are = "are" if self._trial else "were"
            number = _number(len(offline))
            who = f"{number} others" if besides or unable else _all(len(offline))
            yield f"{who.capitalize()} meant {are} offline."
        rest = Counter(one["eligibility"] for one in unable[NAMED:])
        if rest:
            said = [f"{_number(n)} {_STATES.get(state, state)}" for state, n in rest.items()]
            yield f"Of the others meant, {_list(said)}."

    def _told_of(self) -> set[str]:
        outreach = self._record.get("outreach") or {}
        people = (self._record.get("owner"), outreach.get("sender"), outreach.get("owner"))
        return {one["rep"] for one in people if one and one.get("rep")}

    def happened(self, offers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """What became of each ring, in its order."""
        for one in sorted(offers, key=lambda one: one["at"])[: NAMED * 2]:
            parts = [f"was rung at {self._time(one['at'])}"]
            if one.get("seen_at"):
                parts.append("saw it")
            if outcome := one.get("outcome"):
                at = f" at {self._time(one['ended_at'])}" if one.get("ended_at") else ""
                parts.append(_OUTCOMES.get(outcome, outcome.replace("_", " ")) + at)
            yield f"{self._name(one['rep'])} {_list(parts)}."

    def ends(self, offers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """That nobody came, or what follows if nobody does and it isn't what the rule asks for."""
        if self._ended is None:
            if not any(one.get("outcome") == "claimed" for one in offers):
                yield from self._form("If nobody comes, a form")
        elif self._ended["type"] == "missed":
            at = self._time(self._ended["at"])
            yield f"{self._why_missed(offers)}, so the request was missed at {at}."
            yield from self._form("The visitor got a form")

    def _why_missed(self, offers: Sequence[Mapping[str, Any]]) -> str:
        why = (self._ended or {}).get("why", "timeout")
        rung = offers or self._kept
        if why == "nobody" and rung:
            return "Nobody was left to ring"
        if why == "timeout" and not rung and waits_for_a_place(self._record):
            return "No place became free in time"
        return _MISSED.get(why, _MISSED["timeout"])

    def _form(self, form: str) -> Iterator[str]:
        asked, missed = self._record.get("asked_for"), self._record.get("missed")
        if asked == missed == Missed.MEETING_BOOKER:
            yield f"{form} instead: meetings aren't set up yet."
        elif asked == Missed.MEETING_BOOKER:
            yield f"{form}: there is nobody to book a meeting with."

    def _was(self, one: Mapping[str, Any]) -> str:
        """Such as: away since 14:02: idle."""
        state = str(one["eligibility"])
        words = _STATES.get(state, state)
        if state == "full":
            return f"{words} with {_count(one['load'], 'chat')}"
        if state not in ("away", "idle", "offline") or not one["since"]:
            return words
        # The stored cause is that of what they chose: who is idle or offline hasn't chosen that.
        chosen = state != "away" and one["cause"] in CHOICES
        cause = "" if chosen else _CAUSES.get(one["cause"], one["cause"].replace("_", " "))
        because = f": {cause}" if cause and cause != words else ""
        return f"{words} since {self._time(one['since'])}{because}"

    def _name(self, rep: str) -> str:
        return self._names.get(rep) or SOMEBODY

    def _time(self, ms: int) -> str:
        """Of the decision's day, or with the day."""
        at = (_EPOCH + timedelta(milliseconds=ms)).astimezone(self._zone)
        decided = self._record.get("at")
        day = (_EPOCH + timedelta(milliseconds=decided or ms)).astimezone(self._zone).date()
        return f"{at:%H:%M}" if at.date() == day else f"{at:%H:%M} on {at:%Y-%m-%d}"


def _according(owned: Mapping[str, Any]) -> str:
    """Who answered: the system that the record is of, where the owner's row names one."""
    system = owned.get("system")
    return f", by your owners' table{f' from {system}' if system else ''}"


def _id(rep: Any) -> str:
    return str(rep["id"] if isinstance(rep, Mapping) else rep)


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def _count(count: int, what: str) -> str:
    return f"{_number(count)} {what}{'' if count == 1 else 's'}"


def _all(count: int) -> str:
    return "both reps" if count == 2 else f"all {_number(count)} reps"


def _list(words: Iterable[str], more: int = 0) -> str:
    words = [*words, *([f"{more:,} more"] if more > 0 else [])]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _either(words: Sequence[str]) -> str:
    words = [_RECORDS[word] for word in words] or ["record"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
