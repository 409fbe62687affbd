"""CH-1, CH-2, CH-3, PR-4 under any order of verbs: the desk against a plain model of it."""

import asyncio
import itertools
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from frontdesk.claims.store import AlreadyOpen, Rung
from frontdesk.errors import FrontdeskError
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from tests.desk import GONE, GRACE, IDLE, RING, WAIT, Desk, in_turn

REPS = ("ann", "bob", "cid")
CAPACITY = {"ann": 1, "bob": 2, "cid": 3}
NODES = ("n1", "n2")
CHATS = ("c1", "c2", "c3")
T = TypeVar("T")
_runs = itertools.count()


@dataclass
class Chat:
    """What the model knows of a conversation."""

    state: str = "none"
    rep: str = ""
    fence: int = 0
    log: list[str] = field(default_factory=list)
    said: dict[tuple[str, str], int] = field(default_factory=dict)
    rings: dict[str, str] = field(default_factory=dict)
    lost: bool = False
    last_claim: str = ""
    released: tuple[str, int, str] | None = None


@dataclass
class Person:
    """What the model knows of a rep."""

    available: bool = False
    online: bool = False
    grace: bool = False


class Machine(RuleBasedStateMachine):
    """Verbs by random reps, visitors and nodes; `url` is set by the test that runs it."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        keys = Keys(f"machine-{next(_runs)}-{id(self)}", "main")
        self.link = self.go(Link.open(self.url, meta_key=keys.meta))
        self.desk = Desk(self.link, keys)
        self.go(self.desk.settle_down())
        self.chats = {name: Chat() for name in CHATS}
        self.people = {name: Person() for name in REPS}

    def teardown(self) -> None:
        self.go(self.link.close())
        self.runner.close()

    def go(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(coroutine)

    def refusal(self, coroutine: Coroutine[Any, Any, object]) -> str:
        """The code it was refused with, '' if it was done."""
        try:
            self.go(coroutine)
        except FrontdeskError as error:
            return error.code
        except AlreadyOpen:
            return "open"
        return ""

    # --- what the model expects

    def load(self, rep: str) -> int:
        return sum(chat.state == "active" and chat.rep == rep for chat in self.chats.values())

    def outcome(self, rep: str) -> str:
        person = self.people[rep]
        if not person.online:
            return "offline"
        if not person.available:
            return "away"
        return "full" if self.load(rep) >= CAPACITY[rep] else "rung"

    def rung(self, chat: Chat, rung: Rung, expected: dict[str, str]) -> None:
        assert rung.outcomes == expected
        chat.rings = dict.fromkeys(rung.rung, "offered")
        waits = {"rung", "full"} & set(expected.values())
        assert rung.state == ("requested" if waits else "missed")
        chat.state, chat.rep, chat.lost = rung.state, "", False
        chat.log += ["requested"] if waits else ["requested", "missed"]

    def likely(self, chat: Chat, rep: str, luck: int) -> str:
        """Mostly somebody to whom the verb means something; any rep now and then."""
        ringing = [name for name, ring in chat.rings.items() if ring in ("offered", "seen")]
        if luck and chat.state == "active":
            return chat.rep
        return ringing[luck % len(ringing)] if luck and ringing else rep

    # --- people

    @initialize()
    def some_are_here(self) -> None:
        for rep in ("bob", "cid"):
            self.comes(rep, "n1")
            self.chooses(rep, available=True)

    @rule(rep=st.sampled_from(REPS), node=st.sampled_from(NODES))
    def comes(self, rep: str, node: str) -> None:
        self.go(self.desk.at(node).comes(rep, capacity=CAPACITY[rep], available=False))
        self.people[rep].online, self.people[rep].grace = True, False

    @rule(rep=st.sampled_from(REPS), available=st.booleans())
    def chooses(self, rep: str, *, available: bool) -> None:
        state = "available" if available else "away"
        refused = self.refusal(self.desk.at().presence.availability(rep, state, "chosen"))
        known = self.go(self.desk.at().presence.one(rep))
        assert refused == ("" if known else "not_found")
        self.people[rep].available = available and bool(known)

    @rule(rep=st.sampled_from(REPS))
    def goes(self, rep: str) -> None:
        begun = self.go(self.desk.at().goes(rep))
        assert begun == self.people[rep].online
        self.people[rep].grace = self.people[rep].online

    @rule(rep=st.sampled_from(REPS), early=st.booleans())
    def grace_is_over(self, rep: str, *, early: bool) -> None:
        deadline = self.go(self.desk.deadline(f"device:d-{rep}"))
        if not early:
            self.go(self.desk.pass_time(GRACE + 2000))
        self.go(self.desk.at().presence.expire_device(f"d-{rep}", deadline))
        person = self.people[rep]
        over = person.grace and int(deadline) <= self.go(self.desk.now())
        if person.grace and not early:
            assert over
        if not self.go(self.desk.deadline(f"device:d-{rep}")) and person.grace:
            person.online = person.grace = False

    # --- requests and rings

    @rule(name=st.sampled_from(CHATS), node=st.sampled_from(NODES), text=st.booleans())
    def asks(self, name: str, node: str, *, text: bool) -> None:
        chat = self.chats[name]
        expected = {rep: self.outcome(rep) for rep in REPS}
        client_id = f"q{len(chat.log)}"
        ask = self.desk.at(node).request(
            name, *REPS, text="Hi" if text else "", client_id=client_id
        )
        if chat.state not in ("none", "missed"):
            assert self.refusal(ask) == "open"
            return
        self.rung(chat, self.go(ask), expected)
        chat.released = None
        if text:
            chat.log.insert(len(chat.log) - (chat.state == "missed"), "message")
            chat.said["v", client_id] = len(chat.log) - (chat.state == "missed")

    @rule(name=st.sampled_from(CHATS), node=st.sampled_from(NODES))
    def asks_for_one_at_a_time(self, name: str, node: str) -> None:
        chat = self.chats[name]
        ask = self.desk.at(node).request(name, in_turn(*REPS))
        if chat.state not in ("none", "missed"):
            assert self.refusal(ask) == "open"
            return
        rung = self.go(ask)
        expected = {rep: self.outcome(rep) for rep in REPS}
        able = [rep for rep, outcome in expected.items() if outcome == "rung"]
        assert len(rung.rung) == min(1, len(able))
        self.rung(chat, rung, expected | dict.fromkeys(set(able) - {*rung.rung}, "later"))
        chat.released = None

    @rule(name=st.sampled_from(CHATS), node=st.sampled_from(NODES), early=st.booleans())
    def ring_time_is_over(self, name: str, node: str, *, early: bool) -> None:
        chat = self.chats[name]
        deadline = self.go(self.desk.deadline(f"ring:{name}"))
        assert not (deadline and chat.state != "requested")
        if not early:
            self.go(self.desk.pass_time(RING + 2000))
        passed = self.go(self.desk.at(node).pass_over(name, deadline, in_turn(*REPS)))
        assert passed or early or not deadline
        if not passed:
            return
        self.expire(chat)
        able = [rep for rep in REPS if rep not in chat.rings and self.outcome(rep) == "rung"]
        rung = [rep for rep, outcome in passed.outcomes.items() if outcome == "rung"]
        assert len(rung) == min(1, len(able))
        assert set(rung) <= set(able)
        chat.rings |= dict.fromkeys(rung, "offered")
        assert self.go(self.desk.at("n1").pass_over(name, deadline, in_turn(*REPS))) is None

    def expire(self, chat: Chat) -> None:
        """Every ring ends; who let two in a row expire that they had seen is away (PR-8)."""
        for rep, ring in chat.rings.items():
            if ring in ("offered", "seen"):
                chat.rings[rep] = "expired"
            known = self.go(self.desk.at().presence.one(rep))
            if ring == "seen" and known and known.cause == "unanswered":
                self.people[rep].available = False

    @rule(name=st.sampled_from(CHATS), rep=st.sampled_from(REPS), node=st.sampled_from(NODES))
    def offers(self, name: str, rep: str, node: str) -> None:
        chat = self.chats[name]
        offered = self.go(self.desk.at(node).offer(name, rep))
        assert (offered is None) == (chat.state != "requested")
        if offered is not None:
            expected = chat.rings.get(rep) or self.outcome(rep)
            assert offered.outcomes == {rep: expected}
            if expected == "rung":
                chat.rings[rep] = "offered"

    @rule(
        name=st.sampled_from(CHATS), rep=st.sampled_from(REPS),
        outcome=st.sampled_from(["seen", "declined", "away", "offline", "full"]),
    )  # fmt: skip
    def ring_ends(self, name: str, rep: str, outcome: str) -> None:
        chat = self.chats[name]
        rings = chat.state == "requested" and chat.rings.get(rep) in ("offered", "seen", outcome)
        if outcome == "full":
            rings = rings and self.load(rep) >= CAPACITY[rep]
        done = self.go(self.desk.at().claims.ring_ended(name, rep, outcome, local=True))
        assert done == rings
        if not rings or chat.rings[rep] == outcome:
            return
        if outcome in ("away", "offline", "full"):
            del chat.rings[rep]
        else:
            chat.rings[rep] = outcome

    @rule(
        name=st.sampled_from(CHATS), rep=st.sampled_from(REPS), luck=st.integers(0, 4),
        node=st.sampled_from(NODES),
    )  # fmt: skip
    def claims(self, name: str, rep: str, luck: int, node: str) -> None:
        chat = self.chats[name]
        rep = self.likely(chat, rep, luck)
        refused = self.claim_refusal(chat, rep)
        claim = self.desk.at(node).claim(name, rep)
        if refused:
            with pytest.raises(FrontdeskError, match=refused) as raised:
                self.go(claim)
            assert raised.value.fields.get("by", chat.last_claim) == chat.last_claim
            return
        won = self.go(claim)
        if won.again:
            assert (chat.state, chat.rep, won.fence) == ("active", rep, chat.fence)
            return
        chat.fence += 1
        assert (won.fence, won.offset) == (chat.fence, len(chat.log) + 1)
        chat.state, chat.rep, chat.last_claim = "active", rep, rep
        chat.rings[rep] = "claimed"
        chat.log.append("claimed")
        waits = any(one.state == "requested" for one in self.chats.values())
        assert won.filled == (waits and self.load(rep) >= CAPACITY[rep])

    def claim_refusal(self, chat: Chat, rep: str) -> str:
        if chat.state == "active":
            return "" if chat.rep == rep else "already_claimed"
        if chat.state == "closed" and chat.rep:
            return "already_claimed"
        if chat.state != "requested":
            return "gone"
        if chat.rings.get(rep) not in ("offered", "seen"):
            return "not_offered"
        return "at_capacity" if self.load(rep) >= CAPACITY[rep] else ""

    @rule(name=st.sampled_from(CHATS), early=st.booleans())
    def wait_is_over(self, name: str, *, early: bool) -> None:
        chat = self.chats[name]
        deadline = self.go(self.desk.deadline(f"wait:{name}"))
        if not early:
            self.go(self.desk.pass_time(WAIT + 2000))
        missed = self.go(self.desk.at().expire_wait(name, deadline))
        assert not (missed and chat.state != "requested")
        assert missed or early or chat.state != "requested"
        if missed:
            chat.state = "missed"
            chat.log.append("missed")
            self.expire(chat)

    # --- talking

    @rule(
        name=st.sampled_from(CHATS), who=st.sampled_from(("v", *REPS)),
        number=st.integers(0, 4), stale=st.integers(0, 5), node=st.sampled_from(NODES),
    )  # fmt: skip
    def says(self, name: str, who: str, number: int, stale: int, node: str) -> None:
        chat = self.chats[name]
        fence = chat.fence if stale else max(0, chat.fence - 1)
        said = self.desk.at(node).says(name, who, f"m{number}", fence=fence)
        known = chat.said.get((who, f"m{number}"))
        if known:
            assert self.go(said).offset == known
            return
        expected = self.say_refusal(chat, who, fence)
        if expected:
            assert self.refusal(said) == expected
            return
        assert self.go(said).offset == len(chat.log) + 1
        chat.log.append("message")
        chat.said[who, f"m{number}"] = len(chat.log)

    def say_refusal(self, chat: Chat, who: str, fence: int) -> str:
        if chat.state == "none":
            return "not_found"
        if who == "v":
            return {"missed": "illegal_move", "closed": "closed"}.get(chat.state, "")
        if chat.state == "closed" and chat.rep == who:
            return "closed"
        holds = chat.state == "active" and chat.rep == who and chat.fence == fence
        return "" if holds else "fence"

    @rule(name=st.sampled_from(CHATS), number=st.integers(0, 1))
    def leaves(self, name: str, number: int) -> None:
        chat = self.chats[name]
        left = self.desk.at().leave(name, f"l{number}")
        known = chat.said.get(("v", f"l{number}"))
        if known:
            assert self.go(left).offset == known
        elif chat.state == "missed":
            assert self.go(left).offset == len(chat.log) + 1
            chat.log.append("left")
            chat.said["v", f"l{number}"] = len(chat.log)
        else:
            assert self.refusal(left) == ("not_found" if chat.state == "none" else "illegal_move")

    # --- giving up, being lost, ending

    @rule(
        name=st.sampled_from(CHATS), rep=st.sampled_from(REPS), stale=st.integers(-1, 3),
        why=st.sampled_from(["transfer", "rep_lost"]), luck=st.integers(0, 4),
    )  # fmt: skip
    def releases(self, name: str, rep: str, stale: int, why: str, luck: int) -> None:
        chat = self.chats[name]
        rep = self.likely(chat, rep, luck)
        fence = chat.fence + (1 if not stale else min(stale, 0))
        others = [other for other in REPS if other != rep]
        expected = {other: self.outcome(other) for other in others}
        release = self.desk.at().release(name, rep, fence, *others, why=why)
        if chat.state in ("none", "closed"):
            assert self.refusal(release) == "gone"
        elif (chat.state, chat.rep, chat.fence) != ("active", rep, fence):
            later = chat.state == "active"
            if chat.released == (rep, chat.fence - later, why) == (rep, fence, why) and not (
                later and chat.rep == rep
            ):
                assert self.go(release).again
            else:
                assert self.refusal(release) == "fence"
        elif why == "rep_lost" and not chat.lost:
            assert self.refusal(release) == "gone"
        elif why == "transfer" and not {"rung", "full"} & set(expected.values()):
            assert self.refusal(release) == "nobody"
        else:
            self.rung(chat, self.go(release), expected)
            chat.released = (rep, fence, why)

    @rule(name=st.sampled_from(CHATS), rep=st.sampled_from(REPS), luck=st.integers(0, 4))
    def is_lost_or_returns(self, name: str, rep: str, luck: int) -> None:
        chat = self.chats[name]
        rep = self.likely(chat, rep, luck)
        happened = self.go(self.desk.at().lost_or_returned(name, rep))
        if chat.state != "active" or chat.rep != rep or chat.lost != self.people[rep].online:
            assert happened is None
            return
        assert happened == ("returned" if chat.lost else "lost")
        chat.lost = not chat.lost
        chat.log.append("participant")

    @rule(
        name=st.sampled_from(CHATS), who=st.sampled_from(("v", "s", *REPS)),
        stale=st.integers(0, 3), believed=st.sampled_from(("", *REPS)),
    )  # fmt: skip
    def ends(self, name: str, who: str, stale: int, believed: str) -> None:
        chat = self.chats[name]
        fence = chat.fence if stale else chat.fence + 1
        end = self.desk.at().close(name, who, fence=fence, holder=believed)
        holds = chat.rep == who and chat.fence == fence
        if chat.state == "none":
            assert self.refusal(end) == "not_found"
        elif who in REPS and not (holds and chat.state in ("active", "closed")):
            assert self.refusal(end) == "fence"
        else:
            assert self.go(end).again == (chat.state == "closed")
            if chat.state != "closed":
                chat.log.append("closed")
            chat.state = "closed"

    @rule(name=st.sampled_from(CHATS), hours=st.integers(0, 2))
    def session_may_be_over(self, name: str, hours: int) -> None:
        self.go(self.desk.pass_time(hours * IDLE))
        deadline = self.go(self.desk.deadline(f"quiet:{name}"))
        holder = self.go(self.desk.at().conversations.expire_quiet(name, deadline, IDLE, GONE))
        assert holder is None or holder == self.chats[name].rep

    @rule(name=st.sampled_from(CHATS), node=st.sampled_from(NODES), joins=st.booleans())
    def tab_comes_or_goes(self, name: str, node: str, *, joins: bool) -> None:
        if joins:
            snapshot = self.go(self.desk.at(node).conversations.attach(name, "v"))
            assert (snapshot is None) == (self.chats[name].state == "none")
        else:
            self.go(self.desk.at(node).conversations.detach(name, "v", GONE))

    # --- what always holds, beside the laws that are checked after each verb

    @invariant()
    def the_desk_is_as_the_model_says(self) -> None:
        for name, chat in self.chats.items():
            fields = self.go(self.desk.of(name))
            assert fields.get("state", "none") == chat.state
            if chat.state != "none":
                assert fields["rep"] == chat.rep
                assert int(fields.get("fence", "0")) == chat.fence
                assert int(fields["off"]) == len(chat.log)
                assert self.go(self.desk.kinds(name)) == chat.log
                assert (fields["timer"] == "lost") == (chat.lost and chat.state == "active")

    @invariant()
    def nobody_holds_more_than_they_can_take(self) -> None:
        for rep in REPS:
            assert self.load(rep) <= CAPACITY[rep]


def test_any_order_of_verbs_keeps_the_desk_as_the_model_says(redis_url: str) -> None:
    machine = type("MachineHere", (Machine,), {"url": redis_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=50, deadline=None, print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
