"""message, read, typing, leave, page: what is said in a conversation (CH-3, CH-4)."""

import asyncio

import pytest
import redis.asyncio

from frontdesk.errors import FrontdeskError
from tests.desk import Desk


@pytest.fixture
async def talking(desk: Desk) -> Desk:
    """Ann holds c1 with fence 1; bob is there."""
    await desk.at().comes("ann")
    await desk.at().comes("bob")
    await desk.at().request("c1", "ann", "bob")
    await desk.at().claim("c1", "ann")
    return desk


async def refusal(coroutine: object) -> str:
    with pytest.raises(FrontdeskError) as refused:
        await coroutine  # type: ignore[misc]  # any awaitable of a verb
    return refused.value.code


async def test_messages_of_both_sides_have_one_order(talking: Desk) -> None:
    offsets = [
        (await talking.at("n1").says("c1", "v", "m1")).offset,
        (await talking.at("n2").says("c1", "ann", "m1", fence=1)).offset,
        (await talking.at("n1").says("c1", "v", "m2")).offset,
    ]
    assert offsets == [3, 4, 5]


async def test_many_at_once_are_all_numbered_without_a_gap(talking: Desk) -> None:
    says = [
        talking.at(f"n{n % 3}").says("c1", "ann" if n % 2 else "v", f"m{n}", fence=1)
        for n in range(40)
    ]
    placed = await asyncio.gather(*says)
    assert sorted(one.offset for one in placed) == list(range(3, 43))


async def test_a_retry_is_one_message_from_any_node_even_after_the_end(talking: Desk) -> None:
    first = await talking.at("n1").says("c1", "ann", "m1", fence=1)
    assert await talking.at("n2").says("c1", "ann", "m1", fence=1) == first
    await talking.at().close("c1", "ann", fence=1, holder="ann")
    assert await talking.at("n3").says("c1", "ann", "m1", fence=1) == first


async def test_the_same_client_id_of_another_sender_is_another_message(talking: Desk) -> None:
    mine = await talking.at().says("c1", "v", "m1")
    yours = await talking.at().says("c1", "ann", "m1", fence=1)
    assert yours.offset == mine.offset + 1


async def test_a_retry_says_the_epoch_under_which_it_was_written(talking: Desk) -> None:
    first = await talking.at().says("c1", "v", "m1")
    await talking.link.command(b"HSET", talking.keys.meta, b"epoch", b"another")
    talking.link.epoch = b"another"
    assert await talking.at().says("c1", "v", "m1") == first
    assert (await talking.at().says("c1", "v", "m2")).epoch == "another"


@pytest.mark.parametrize(("who", "fence"), [("ann", 0), ("ann", 2), ("bob", 1), ("bob", 0)])
async def test_only_the_holder_with_their_fence_writes(talking: Desk, who: str, fence: int) -> None:
    assert await refusal(talking.at().says("c1", who, "m1", fence=fence)) == "fence"


async def test_a_visitor_writes_only_in_their_own(talking: Desk) -> None:
    write = talking.at().conversations.message("c1", "v", "v-other", "m1", 0, b"{}")
    assert await refusal(write) == "forbidden"


async def test_where_nothing_is_nothing_is_said(talking: Desk) -> None:
    assert await refusal(talking.at().says("c9", "v", "m1")) == "not_found"
    assert await refusal(talking.at().says("c9", "ann", "m1")) == "not_found"


async def test_while_it_rings_only_the_visitor_writes(desk: Desk) -> None:
    await desk.at().comes("ann")
    await desk.at().request("c1", "ann")
    assert (await desk.at().says("c1", "v", "m1")).offset == 2
    assert await refusal(desk.at().says("c1", "ann", "m2", fence=1)) == "fence"


async def test_after_the_end_nothing_new_is_said(talking: Desk) -> None:
    await talking.at().close("c1", "v", holder="ann")
    assert await refusal(talking.at().says("c1", "v", "m1")) == "closed"
    assert await refusal(talking.at().says("c1", "ann", "m1", fence=1)) == "closed"


async def test_when_missed_a_message_is_left_instead_of_said(desk: Desk) -> None:
    await desk.at().request("c1")
    assert await refusal(desk.at().says("c1", "v", "m1")) == "illegal_move"
    placed = await desk.at().leave("c1", "l1")
    assert await desk.at("n2").leave("c1", "l1") == placed
    assert await desk.kinds("c1") == ["requested", "missed", "left"]
    assert (await desk.of("c1"))["email"] == "a@example.com"


async def test_only_the_visitor_of_a_missed_one_leaves_something(talking: Desk) -> None:
    assert await refusal(talking.at().leave("c1", "l1")) == "illegal_move"
    assert await refusal(talking.at().leave("c9", "l1")) == "not_found"
    await talking.at().request("c2", visitor="v-c2")
    assert await refusal(talking.at().leave("c2", "l1", visitor="v-c1")) == "forbidden"


async def test_the_other_nodes_of_the_conversation_hear_each_message_once(
    talking: Desk, redis_client: redis.asyncio.Redis
) -> None:
    await talking.at("n2").conversations.attach("c1", "r")
    await talking.at("n2").conversations.attach("c1", "v")
    async with talking.heard(redis_client) as heard:
        await talking.at("n1").says("c1", "v", "m1", text='Grüß dich\n"x"')
        await talking.at("n2").says("c1", "ann", "m2", fence=1)
        notices = await heard.until(2)
    assert [node for node, _ in notices] == ["n2", "n1"]
    assert heard.all[0][3].endswith('"text":"Grüß dich\\n\\"x\\"","client_id":"m1"}')
    assert [sequence for _, sequence, _, _ in heard.all] == [1, 1]


# --- read and typing


async def test_read_marks_only_go_on_and_never_past_the_end(talking: Desk) -> None:
    read = talking.at().conversations.read
    assert await read("c1", "v", "v-c1", 1) == 1
    assert await read("c1", "v", "v-c1", 99) == 2
    assert await read("c1", "v", "v-c1", 1) == 2
    assert await read("c1", "r", "ann", 2) == 2
    fields = await talking.of("c1")
    assert (fields["rv"], fields["rr"]) == ("2", "2")


@pytest.mark.parametrize(
    ("first", "other"), [(("r", "ann"), ("v", "v-c1")), (("v", "v-c1"), ("r", "ann"))]
)
async def test_the_mark_of_one_side_is_not_taken_for_that_of_the_other(
    talking: Desk, first: tuple[str, str], other: tuple[str, str]
) -> None:
    read = talking.at().conversations.read
    assert await read("c1", *first, 2) == 2
    assert await read("c1", *other, 1) == 1
    assert (await talking.of("c1"))[f"r{other[0]}"] == "1"


@pytest.mark.parametrize("verb", ["read", "typing"])
@pytest.mark.parametrize(("side", "who"), [("v", "v-other"), ("r", "bob")])
async def test_who_has_no_part_in_it_neither_reads_nor_types(
    talking: Desk, verb: str, side: str, who: str
) -> None:
    marks = talking.at().conversations
    mark = (
        marks.read("c1", side, who, 1) if verb == "read" else marks.typing("c1", side, who, on=True)
    )
    assert await refusal(mark) == "forbidden"


async def test_typing_travels_and_is_kept_nowhere(
    talking: Desk, redis_client: redis.asyncio.Redis
) -> None:
    before = await talking.of("c1")
    await talking.at("n2").conversations.attach("c1", "-")
    async with talking.heard(redis_client) as heard:
        await talking.at("n1").conversations.typing("c1", "v", "v-c1", on=True)
        assert await heard.until(1) == [("n2", "typing c1 v 1")]
    assert {**await talking.of("c1"), "nodes": ""} == {**before, "nodes": ""}


async def test_a_page_is_told_only_of_the_own_conversation(
    talking: Desk, redis_client: redis.asyncio.Redis
) -> None:
    await talking.at("n2").conversations.attach("c1", "-")
    async with talking.heard(redis_client) as heard:
        await talking.at("n1").conversations.about("c1", "v-other", b'{"url":"x"}')
        await talking.at("n1").conversations.about("c1", "v-c1", b'{"url":"y"}')
        await heard.until(1)
    assert heard.all[0][3] == '{"url":"y"}'


async def test_while_memory_is_short_nothing_is_left_and_the_archive_hears_less(
    desk: Desk,
) -> None:
    await desk.at().request("c1")
    await desk.link.command(b"HSET", desk.keys.meta, b"pressure", 75)
    await desk.at().conversations.about("c1", "v-c1", b'{"id":"v"}')
    assert (await desk.of("c1"))["about"] == '{"id":"v"}'
    assert "about" not in [kind for kind, _ in await desk.events("c1")]
    await desk.link.command(b"HSET", desk.keys.meta, b"pressure", 90)
    assert await refusal(desk.at().leave("c1", "l1")) == "overloaded"
    await desk.link.command(b"HSET", desk.keys.meta, b"pressure", 0)
    assert (await desk.at().leave("c1", "l1")).offset == 3


async def test_of_a_long_conversation_the_last_thousand_messages_are_remembered_for_retries(
    desk: Desk,
) -> None:
    node = Desk(desk.link, desk.keys, lawful=False).at()
    await node.comes("ann")
    await node.request("c1", "ann")
    for begin in range(0, 1300, 100):
        await asyncio.gather(*(node.says("c1", "v", f"m{begin + n}") for n in range(100)))
    last = int((await desk.of("c1"))["off"])
    await node.conversations.retire("c1", last)
    remembered = [name for name in await desk.of("c1") if name.startswith("v:")]
    assert 1000 <= len(remembered) <= 1001
    assert (await node.says("c1", "v", "m1299")).offset == last
    await desk.laws.hold(after="retire")
