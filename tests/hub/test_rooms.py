"""R8.3: each entry once, in order, to all sockets of a conversation, whichever way it came."""

import itertools
import random
from typing import Any, cast

import pytest

from frontdesk.hub.connection import Connection
from frontdesk.hub.rooms import Arrival, Room, Rooms
from frontdesk.wire.codec import Outgoing


class Socket:
    """Writes down what it is pushed."""

    closed = False

    def __init__(self, side: str = "visitor") -> None:
        self.side = side
        self.closed = False
        self.got: list[Any] = []

    def push(self, out: Outgoing, *, replaceable_key: object = None) -> None:
        del replaceable_key
        self.got.append(out)


def entry(
    offset: int, epoch: str = "e", *, author: Socket | None = None, read: bool = False
) -> Arrival:
    made = cast(Any, f"entry {offset}")
    ack = cast(Any, f"ok {offset}") if author else None
    return Arrival(epoch, offset, made, cast("Connection | None", author), ack, read=read)


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


def opened(rooms: Rooms, offset: int = 0, epoch: str = "e") -> tuple[Room, Socket]:
    """A room at this place with a socket in it."""
    room = rooms.expect("c1")
    rooms.settle(room, epoch, offset)
    socket = Socket()
    room.join(cast(Connection, socket))
    return room, socket


def test_entries_go_to_every_socket_in_order(rooms: Rooms) -> None:
    room, visitor = opened(rooms)
    rep = Socket("rep")
    room.join(cast(Connection, rep))
    for offset in (1, 2, 3):
        rooms.deliver("c1", entry(offset))
    assert visitor.got == rep.got == ["entry 1", "entry 2", "entry 3"]


def test_who_has_closed_meanwhile_does_not_join(rooms: Rooms) -> None:
    room, socket = opened(rooms)
    room.leave(cast(Connection, socket))
    socket.closed = True
    room.join(cast(Connection, socket))
    assert room.empty


def test_what_was_forwarded_already_is_dropped(rooms: Rooms) -> None:
    _, socket = opened(rooms, 2)
    for offset in (1, 2, 3, 3, 2):
        rooms.deliver("c1", entry(offset))
    assert socket.got == ["entry 3"]


def test_the_author_gets_the_answer_in_place_of_the_entry_and_in_its_order(rooms: Rooms) -> None:
    room, author = opened(rooms)
    other = Socket("rep")
    room.join(cast(Connection, other))
    rooms.deliver("c1", entry(2, author=author))
    assert author.got == []
    rooms.deliver("c1", entry(1))
    assert author.got == ["entry 1", "ok 2"]
    assert other.got == ["entry 1", "entry 2"]


def test_an_answer_to_a_retry_comes_at_once(rooms: Rooms) -> None:
    _, author = opened(rooms, 5)
    rooms.deliver("c1", entry(3, author=author))
    assert author.got == ["ok 3"]


def test_an_answer_to_a_retry_from_before_a_new_epoch_comes_at_once(rooms: Rooms) -> None:
    _, author = opened(rooms, 5, epoch="new")
    rooms.deliver("c1", entry(3, "old", author=author))
    assert author.got == ["ok 3"]


def test_where_nobody_follows_the_author_is_answered_all_the_same(rooms: Rooms) -> None:
    author = Socket()
    rooms.deliver("c9", entry(3, author=author))
    assert author.got == ["ok 3"]


def test_a_gap_is_reported_and_filled_and_what_was_kept_follows(rooms: Rooms) -> None:
    gaps: list[Room] = []
    rooms.on_gap = gaps.append
    room, socket = opened(rooms)
    rooms.deliver("c1", entry(3))
    assert gaps == [room]
    assert socket.got == []
    room.catching_up = True
    rooms.deliver("c1", entry(4))
    assert len(gaps) == 1
    for offset in (1, 2, 3):
        rooms.deliver("c1", entry(offset, read=True))
    assert socket.got == ["entry 1", "entry 2", "entry 3", "entry 4"]
    assert not room.ahead


def test_what_comes_before_the_log_was_read_waits_for_it(rooms: Rooms) -> None:
    gaps: list[Room] = []
    rooms.on_gap = gaps.append
    room = rooms.expect("c1")
    socket = Socket()
    room.join(cast(Connection, socket))
    for offset in (6, 5, 7):
        rooms.deliver("c1", entry(offset))
    assert gaps == []
    rooms.settle(room, "e", 5)
    assert socket.got == ["entry 6", "entry 7"]


def test_a_room_of_which_nothing_came_is_closed_again(rooms: Rooms) -> None:
    first, second = rooms.expect("c1"), rooms.expect("c1")
    rooms.settle(first)
    assert rooms.get("c1") is second
    rooms.settle(second)
    assert rooms.get("c1") is None
    room, _ = opened(rooms)
    rooms.expect("c1")
    rooms.settle(room)
    assert rooms.get("c1") is room


def test_nothing_of_a_new_epoch_is_forwarded_before_the_log_was_read(rooms: Rooms) -> None:
    """R1.4: the log may have been rolled back; the same offset can be another message."""
    gaps: list[Room] = []
    rooms.on_gap = gaps.append
    room, socket = opened(rooms, 5)
    rooms.deliver("c1", entry(6, "new"))
    assert socket.got == []
    assert gaps == [room]
    rooms.deliver("c1", entry(6, "new", read=True))
    rooms.restart(room, room.epoch, room.offset)
    rooms.deliver("c1", entry(7, "new"))
    assert socket.got == ["entry 6", "entry 7"]
    assert not room.ahead


def test_after_a_snapshot_what_it_holds_already_is_not_kept(rooms: Rooms) -> None:
    room, author = opened(rooms, 5)
    room.catching_up = True
    rooms.deliver("c1", entry(7, "old", author=author))
    rooms.deliver("c1", entry(8, "older"))
    rooms.restart(room, "new", 9)
    assert author.got == ["ok 7"]
    assert not room.ahead


def test_who_leaves_gets_no_more_and_who_joins_twice_gets_it_once(rooms: Rooms) -> None:
    room, socket = opened(rooms)
    room.join(cast(Connection, socket))
    rooms.deliver("c1", entry(1))
    room.leave(cast(Connection, socket))
    room.leave(cast(Connection, socket))
    rooms.deliver("c1", entry(2))
    assert socket.got == ["entry 1"]
    assert room.empty


@pytest.mark.parametrize("seed", range(40))
def test_by_answers_notices_and_fills_in_any_order_each_entry_comes_once(
    rooms: Rooms, seed: int
) -> None:
    chance = random.Random(seed)
    room, socket = opened(rooms)
    log = list(range(1, 13))
    asked: list[Room] = []
    rooms.on_gap = asked.append
    arrivals = [entry(offset) for offset in log if chance.random() < 0.8] + [
        entry(offset) for offset in log if chance.random() < 0.5
    ]
    chance.shuffle(arrivals)
    for arrival in [*arrivals, entry(12)]:
        rooms.deliver("c1", arrival)
        if asked and chance.random() < 0.3:
            asked.clear()
            for offset in itertools.takewhile(lambda o: o <= chance.randrange(1, 13), log):
                rooms.deliver("c1", entry(offset, read=True))
            rooms.restart(room, room.epoch, room.offset)
    for offset in log:
        rooms.deliver("c1", entry(offset, read=True))
    assert socket.got == [f"entry {offset}" for offset in log]


def test_who_closed_while_it_was_looked_up_is_not_taken_in(rooms: Rooms) -> None:
    room, _ = opened(rooms)
    late = Socket("rep")
    late.closed = True
    room.join(cast(Connection, late))
    assert not room.reps
