"""The client's role: what arrives becomes events, what is asked becomes payloads."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from frontdesk.wire import frames
from frontdesk.wire.client import (
    Answered,
    ProtocolError,
    Pushed,
    Refused,
    RepClient,
    VisitorClient,
    Welcomed,
    may_reconnect,
    retry_delay,
)
from frontdesk.wire.client.connection import Client, Options
from frontdesk.wire.client.payloads import MAX_FRAME_BYTES
from frontdesk.wire.codec import MAX_MESSAGES, Codec

ANN = frames.Person(id="r_ann", name="Ann")
DESK = frames.Desk(state="available")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Peer:
    """The other end of a client, by hand: reads its payloads, and answers what a test says."""

    def __init__(self, client: Client, codec: Codec) -> None:
        self.client, self.codec = client, codec

    def asked(self) -> list[Any]:
        """The messages that the client wants written, as plain maps."""
        return [message for payload in self.client.payloads() for message in self._plain(payload)]

    def _plain(self, payload: bytes | str) -> list[Any]:
        assert isinstance(payload, str) is (self.codec is Codec.JSON)
        if isinstance(payload, str):
            found = msgspec.json.decode(payload)
        else:
            found = msgspec.msgpack.decode(payload)
        return found if isinstance(found, list) else [found]

    def says(self, *messages: Struct | dict[str, Any]) -> list[Any]:
        """The events of a frame with these messages."""
        whole = messages[0] if len(messages) == 1 else list(messages)
        if self.codec is Codec.MSGPACK:
            return self.client.receive(msgspec.msgpack.encode(whole))
        return self.client.receive(msgspec.json.encode(whole).decode())


@pytest.fixture(params=list(Codec), ids=lambda codec: codec.name.lower())
def codec(request: pytest.FixtureRequest) -> Codec:
    return Codec(request.param)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def options(codec: Codec, clock: Clock) -> Options:
    ids: Iterator[str] = (f"m{number}" for number in range(1, 100))
    return {"codec": codec, "now": clock, "new_client_id": lambda: next(ids)}


@pytest.fixture
def visitor(options: Options) -> VisitorClient:
    return VisitorClient(token="t0", **options)


@pytest.fixture
def rep(options: Options) -> RepClient:
    return RepClient(token="bearer", device="tab-1", **options)


def entry(offset: int, text: str = "hi", *, epoch: str = "E1", **more: Any) -> frames.Message:
    return frames.Message(
        conversation="c_1",
        epoch=epoch,
        offset=offset,
        at=f"t{offset}",
        sender="visitor",
        text=text,
        **more,
    )


def snapshot(*entries: frames.Message, **more: Any) -> frames.Conversation:
    last = entries[-1]
    return frames.Conversation(
        id="c_1",
        state="active",
        epoch=last.epoch,
        offset=last.offset,
        at="t1",
        entries=list(entries),
        **more,
    )


def visitor_welcome(
    conversation: frames.Conversation | None = None, **more: Any
) -> frames.VisitorWelcome:
    return frames.VisitorWelcome(
        id=1, visitor="v_1", token="t1", session="s_1", desk=DESK, conversation=conversation, **more
    )


def rep_welcome(*held: frames.Conversation, **more: Any) -> frames.RepWelcome:
    everything = frames.RepSnapshot(
        availability="available", capacity=3, offers=[], conversations=list(held), presence=[]
    )
    return frames.RepWelcome(id=1, rep=ANN, role="rep", device="tab-1", snapshot=everything, **more)


def ready(client: Client, codec: Codec, welcome: Struct) -> Peer:
    peer = Peer(client, codec)
    client.connected()
    peer.asked()
    peer.says(welcome)
    return peer


# --- hello ----------------------------------------------------------------------------------------


def test_a_visitor_says_hello_with_token_and_page(options: Options, codec: Codec) -> None:
    client = VisitorClient(token="t0", page=frames.Page(url="https://a.b/"), **options)
    client.connected()
    [hello] = Peer(client, codec).asked()
    assert hello == {"type": "hello", "id": 1, "token": "t0", "page": {"url": "https://a.b/"}}


def test_the_welcome_gives_a_visitor_token_desk_and_conversation(
    visitor: VisitorClient,
    codec: Codec,
) -> None:
    visitor.connected()
    welcome = visitor_welcome(snapshot(entry(1)))
    assert Peer(visitor, codec).says(welcome) == [Welcomed(welcome)]
    assert (visitor.token, visitor.desk, visitor.ready) == ("t1", DESK, True)
    assert visitor.conversation == snapshot(entry(1))


def test_what_is_asked_before_the_welcome_goes_out_after_it(rep: RepClient, codec: Codec) -> None:
    peer = Peer(rep, codec)
    rep.availability("available")
    rep.connected()
    assert [one["type"] for one in peer.asked()] == ["hello"]
    rep.claim("c_1")
    rep.typing("c_1")
    assert peer.asked() == []
    peer.says(rep_welcome())
    assert [one["type"] for one in peer.asked()] == ["availability", "claim"]


# --- requests and answers -------------------------------------------------------------------------


def test_an_answer_names_its_request(rep: RepClient, codec: Codec) -> None:
    peer = ready(rep, codec, rep_welcome())
    first, second = rep.claim("c_1"), rep.decline("c_2")
    assert [one["id"] for one in peer.asked()] == [first, second]
    [declined, claimed] = peer.says(
        frames.Ok(id=second), frames.Ok(id=first, fence=1, conversation=snapshot(entry(1)))
    )
    assert isinstance(declined, Answered)
    assert isinstance(declined.request, frames.Decline)
    assert isinstance(claimed, Answered)
    assert claimed.ok.fence == 1
    assert rep.snapshot is not None
    assert rep.snapshot.conversations == [snapshot(entry(1))]


def test_an_answer_to_nothing_is_ignored(rep: RepClient, codec: Codec) -> None:
    assert ready(rep, codec, rep_welcome()).says(frames.Ok(id=77)) == []


def test_a_refusal_says_who_won(rep: RepClient, codec: Codec) -> None:
    peer = ready(rep, codec, rep_welcome())
    number = rep.claim("c_1")
    error = frames.Error(id=number, code="already_claimed", message="Too late.", by=ANN, at="t5")
    [refused] = peer.says(error)
    assert isinstance(refused, Refused)
    assert isinstance(refused.request, frames.Claim)
    assert refused.error.by == ANN


@pytest.mark.parametrize("code", ["already_claimed", "gone", "not_offered"])
def test_a_claim_that_came_too_late_ends_the_ring(rep: RepClient, codec: Codec, code: str) -> None:
    peer = ready(rep, codec, rep_welcome())
    peer.says(
        frames.Offer(
            conversation="c_9",
            visitor=frames.About(id="v"),
            reason="",
            requested_at="t",
            expires_at="t",
        )
    )
    assert rep.snapshot is not None
    assert [one.conversation for one in rep.snapshot.offers if one.conversation == "c_9"]
    peer.says(frames.Error(id=rep.claim("c_9"), code=code, message="Too late."))
    assert not [one for one in rep.snapshot.offers if one.conversation == "c_9"]


def test_what_was_refused_for_now_can_be_asked_again(rep: RepClient, codec: Codec) -> None:
    peer = ready(rep, codec, rep_welcome())
    number = rep.claim("c_1")
    peer.asked()
    [refused] = peer.says(frames.Error(id=number, code="retry", message="?", retry=True))
    rep.again(refused.request)
    assert [one["type"] for one in peer.asked()] == ["claim"]


def test_ones_own_message_is_in_the_log_once_acknowledged(
    visitor: VisitorClient,
    codec: Codec,
) -> None:
    peer = ready(visitor, codec, visitor_welcome(snapshot(entry(1))))
    number = visitor.message("c_1", "What does it cost?")
    [asked] = peer.asked()
    assert asked == {
        "type": "message",
        "id": number,
        "conversation": "c_1",
        "client_id": "m1",
        "text": "What does it cost?",
    }
    peer.says(frames.Ok(id=number, conversation="c_1", epoch="E1", offset=2, at="t2"))
    assert visitor.conversation is not None
    assert visitor.conversation.entries[1] == entry(2, "What does it cost?", client_id="m1")


def test_a_reps_own_message_names_the_rep(rep: RepClient, codec: Codec) -> None:
    peer = ready(rep, codec, rep_welcome(snapshot(entry(1))))
    number = rep.message("c_1", "Hello!", fence=1)
    assert peer.asked()[0]["fence"] == 1
    peer.says(frames.Ok(id=number, conversation="c_1", epoch="E1", offset=2, at="t2"))
    assert rep.snapshot is not None
    said = rep.snapshot.conversations[0].entries[1]
    assert isinstance(said, frames.Message)
    assert (said.sender, said.rep) == ("rep", ANN)


def test_what_one_has_read_is_read_without_being_told(
    visitor: VisitorClient,
    codec: Codec,
) -> None:
    peer = ready(visitor, codec, visitor_welcome(snapshot(entry(1), entry(2))))
    visitor.read("c_1", 2)
    assert peer.asked() == [{"type": "read", "conversation": "c_1", "offset": 2}]
    assert visitor.conversation is not None
    assert visitor.conversation.read == frames.Reads(visitor=2, rep=0)


def test_a_request_brings_the_visitors_conversation(visitor: VisitorClient, codec: Codec) -> None:
    peer = ready(visitor, codec, visitor_welcome())
    number = visitor.request("Is anybody there?")
    assert peer.asked() == [
        {"type": "request", "id": number, "text": "Is anybody there?", "client_id": "m1"}
    ]
    peer.says(frames.Ok(id=number, conversation=snapshot(entry(1))))
    assert visitor.conversation == snapshot(entry(1))


def test_every_request_of_both_sides_is_understood_by_the_server(
    visitor: VisitorClient,
    rep: RepClient,
    codec: Codec,
) -> None:
    asking, answering = (ready(visitor, codec, visitor_welcome()), ready(rep, codec, rep_welcome()))
    visitor.request()
    visitor.identify({"email": "eve@example.com", "seats": 20.0})
    visitor.leave("c_1", email="eve@example.com", text="Call me")
    visitor.view(frames.Page(url="https://a.b/c"))
    rep.availability("away")
    rep.seen("c_1")
    rep.claim("c_1")
    rep.decline("c_1")
    rep.transfer("c_1", fence=1, rep="r_bob", note="knows prices")
    for client in (visitor, rep):
        client.message("c_1", "hi")
        client.typing("c_1", on=False)
        client.read("c_1", 3)
        client.history("c_1", frames.Position("E1", 1))
        client.close("c_1")
        client.ping()
    for peer, union in ((asking, frames.VisitorMessage), (answering, frames.RepMessage)):
        for message in peer.asked():
            msgspec.convert(message, union)


# --- pushes ---------------------------------------------------------------------------------------


def test_a_push_changes_the_state_before_it_is_told(visitor: VisitorClient, codec: Codec) -> None:
    peer = ready(visitor, codec, visitor_welcome(snapshot(entry(1))))
    assert peer.says(entry(2), frames.DeskPush(desk=frames.Desk(state="busy"))) == [
        Pushed(entry(2)),
        Pushed(frames.DeskPush(desk=frames.Desk(state="busy"))),
    ]
    assert visitor.conversation == snapshot(entry(1), entry(2))
    assert visitor.desk == frames.Desk(state="busy")


def test_a_duplicate_is_not_told(visitor: VisitorClient, codec: Codec) -> None:
    peer = ready(visitor, codec, visitor_welcome(snapshot(entry(1), entry(2))))
    assert peer.says(entry(2), entry(1)) == []


def test_the_end_of_a_held_conversation_is_told(rep: RepClient, codec: Codec) -> None:
    peer = ready(rep, codec, rep_welcome(snapshot(entry(1))))
    closed = frames.Closed(conversation="c_1", epoch="E1", offset=2, at="t2", by="visitor")
    assert peer.says(closed) == [Pushed(closed)]
    assert rep.snapshot is not None
    assert rep.snapshot.conversations == []


def test_a_gap_is_asked_for_once_and_told_in_order_when_filled(
    visitor: VisitorClient,
    codec: Codec,
) -> None:
    peer = ready(visitor, codec, visitor_welcome(snapshot(entry(1))))
    assert peer.says(entry(3), entry(4)) == []
    [history] = peer.asked()
    assert history == {
        "type": "history",
        "id": history["id"],
        "conversation": "c_1",
        "epoch": "E1",
        "offset": 1,
    }
    answer = frames.Ok(id=history["id"], recovered=True, entries=[entry(2), entry(3), entry(4)])
    [answered, *told] = peer.says(answer)
    assert isinstance(answered, Answered)
    assert told == [Pushed(entry(2)), Pushed(entry(3)), Pushed(entry(4))]
    assert visitor.conversation == snapshot(*map(entry, (1, 2, 3, 4)))


def test_a_gap_that_cannot_be_filled_ends_with_a_snapshot(
    visitor: VisitorClient,
    codec: Codec,
) -> None:
    peer = ready(visitor, codec, visitor_welcome(snapshot(entry(1))))
    peer.says(entry(9))
    [history] = peer.asked()
    fresh = snapshot(entry(1, epoch="E2"), entry(2, epoch="E2"))
    peer.says(frames.Ok(id=history["id"], recovered=False, conversation=fresh))
    assert visitor.conversation == fresh
    assert peer.says(entry(9)) == []
    assert [one["type"] for one in peer.asked()] == ["history"], "the next gap is asked for too"


def test_messages_of_unknown_types_and_unknown_fields_are_ignored(
    visitor: VisitorClient,
    codec: Codec,
) -> None:
    peer = ready(visitor, codec, visitor_welcome(snapshot(entry(1))))
    future = {"type": "celebrate", "colour": "red"}
    known = {**msgspec.to_builtins(entry(2)), "colour": "red"}
    assert peer.says(future, known) == [Pushed(entry(2))]
    assert peer.says(future) == []


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"[",
        b'{"type":"ok"}',
        b'{"type":"ok","id":"seven"}',
        b"7",
        b'{"id":1}',
        b"[" * 100_000,
    ],
)
def test_what_is_not_the_protocol_is_a_protocol_error(
    visitor: VisitorClient,
    codec: Codec,
    payload: bytes,
) -> None:
    wrong = payload.decode(errors="surrogateescape") if codec is Codec.JSON else payload
    with pytest.raises(ProtocolError):
        visitor.receive(wrong)


def test_a_frame_of_the_other_codec_is_a_protocol_error(
    visitor: VisitorClient,
    codec: Codec,
) -> None:
    with pytest.raises(ProtocolError):
        visitor.receive(b"\x80" if codec is Codec.JSON else "{}")


# --- again ----------------------------------------------------------------------------------------


def test_a_client_that_comes_back_names_where_it_was_and_is_told_what_it_missed(
    visitor: VisitorClient,
    codec: Codec,
) -> None:
    peer = ready(visitor, codec, visitor_welcome(snapshot(entry(1), entry(2))))
    visitor.lost()
    visitor.connected()
    [hello] = peer.asked()
    assert hello["resume"] == {"c_1": {"epoch": "E1", "offset": 2}}
    missed = snapshot(entry(3), entry(4), first=3)
    told = peer.says(visitor_welcome(missed, recovered={"c_1": True}))[1:]
    assert told == [Pushed(entry(3)), Pushed(entry(4))]
    assert visitor.conversation == snapshot(*map(entry, (1, 2, 3, 4)))


def test_what_was_not_answered_is_asked_again_in_order(
    visitor: VisitorClient,
    codec: Codec,
) -> None:
    peer = ready(visitor, codec, visitor_welcome(snapshot(entry(1))))
    for text in ("one", "two"):
        visitor.message("c_1", text)
    visitor.ping()
    before = peer.asked()[:2]
    visitor.lost()
    visitor.message("c_1", "three")
    visitor.connected()
    assert [one["type"] for one in peer.asked()] == ["hello"]
    peer.says(visitor_welcome(snapshot(entry(1))))
    after = peer.asked()
    assert after[:2] == before, "the same client ids: the server knows them"
    assert [one["text"] for one in after] == ["one", "two", "three"]


def lose_an_acknowledged_message(visitor: VisitorClient, codec: Codec) -> Peer:
    peer = ready(visitor, codec, visitor_welcome(snapshot(entry(1))))
    number = visitor.message("c_1", "Did you get this?")
    peer.asked()
    peer.says(frames.Ok(id=number, conversation="c_1", epoch="E1", offset=2, at="t2"))
    visitor.lost()
    visitor.connected()
    peer.asked()
    return peer


def test_an_acknowledged_message_that_the_server_lost_is_said_again(
    visitor: VisitorClient,
    codec: Codec,
) -> None:
    peer = lose_an_acknowledged_message(visitor, codec)
    peer.says(visitor_welcome(snapshot(entry(1), entry(2, "other", epoch="E2"))))
    assert [(one["client_id"], one["text"]) for one in peer.asked()] == [
        ("m1", "Did you get this?")
    ]


def test_an_acknowledged_message_that_the_server_has_is_not_said_again(
    visitor: VisitorClient,
    codec: Codec,
) -> None:
    peer = lose_an_acknowledged_message(visitor, codec)
    peer.says(visitor_welcome(snapshot(entry(1), entry(2, "Did you get this?", client_id="m1"))))
    assert peer.asked() == []


def test_a_message_acknowledged_long_ago_is_forgotten(
    visitor: VisitorClient,
    codec: Codec,
    clock: Clock,
) -> None:
    peer = lose_an_acknowledged_message(visitor, codec)
    clock.now += 61
    peer.says(visitor_welcome(snapshot(entry(1))))
    assert peer.asked() == []


def test_a_message_refused_for_good_is_not_said_again(visitor: VisitorClient, codec: Codec) -> None:
    peer = ready(visitor, codec, visitor_welcome(snapshot(entry(1))))
    number = visitor.message("c_1", "too late")
    peer.asked()
    peer.says(frames.Error(id=number, code="closed", message="It is over."))
    visitor.connected()
    peer.asked()
    peer.says(visitor_welcome(snapshot(entry(1))))
    assert peer.asked() == []


# --- payloads -------------------------------------------------------------------------------------


def test_many_messages_leave_in_few_frames_that_the_server_takes(
    visitor: VisitorClient,
    codec: Codec,
) -> None:
    peer = ready(visitor, codec, visitor_welcome(snapshot(entry(1))))
    for _ in range(100):
        visitor.typing("c_1")
    for _ in range(10):
        visitor.message("c_1", "x" * 4000)
    payloads = visitor.payloads()
    assert sum(len(peer._plain(payload)) for payload in payloads) == 110
    assert all(len(peer._plain(payload)) <= MAX_MESSAGES for payload in payloads)
    assert max(map(len, payloads)) <= MAX_FRAME_BYTES + MAX_MESSAGES
    assert len(payloads) < 10


# --- how to connect again -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "again"),
    [
        (None, True),
        (1001, True),
        (1006, True),
        (frames.CloseCode.DRAIN, True),
        (4499, True),
        (frames.CloseCode.HELLO_EXPECTED, True),
        (frames.CloseCode.UNAUTHORIZED, False),
        (frames.CloseCode.SIGNED_OUT, False),
        (4999, False),
    ],
)
def test_the_close_code_says_whether_to_connect_again(code: int | None, *, again: bool) -> None:
    assert may_reconnect(code) is again


def test_the_wait_before_connecting_again_grows_is_bounded_and_differs() -> None:
    waits = [retry_delay(attempt, chance=lambda: 1.0) for attempt in range(20)]
    assert waits == sorted(waits)
    assert waits[0] == 0.5
    assert waits[-1] == 30.0
    assert retry_delay(3, chance=lambda: 0.0) == waits[3] / 2
