"""The short cut takes exactly what websockets would have taken, and leaves it the rest."""

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from frontdesk.web.framing import Frames, whole_frames
from tests.web.raw import masked

LIMIT = 1_000
TEXT = 0x81
SIZES = st.sampled_from([0, 1, 125, 126, 127, 500, LIMIT]) | st.integers(0, LIMIT)


@given(st.lists(SIZES, max_size=5), st.binary(min_size=8, max_size=8))
def test_whole_frames_are_unmasked_as_websockets_does(sizes: list[int], seed: bytes) -> None:
    payloads = [(seed * 200)[:size] for size in sizes]
    data = b"".join(map(masked, payloads))
    assert whole_frames(data, TEXT, LIMIT) == (payloads, len(data))


@given(st.lists(SIZES, max_size=3), SIZES, st.integers(1, 8))
def test_a_frame_that_has_not_all_arrived_is_left(sizes: list[int], size: int, off: int) -> None:
    before = b"".join(masked(b"a" * size) for size in sizes)
    cut_short = masked(b"x" * size)[:-off]
    payloads, end = whole_frames(before + cut_short, TEXT, LIMIT)
    assert (len(payloads), end) == (len(sizes), len(before))


def test_what_is_too_large_or_not_masked_or_long_winded_is_left_to_websockets() -> None:
    nothing: tuple[list[bytes], int] = ([], 0)
    assert whole_frames(masked(b"x" * (LIMIT + 1)), TEXT, LIMIT) == nothing
    assert whole_frames(masked(b"x" * 100), TEXT, 99) == nothing
    assert whole_frames(masked(b"x" * 70_000), TEXT, 2**20) == nothing
    assert whole_frames(Frame(Opcode.TEXT, b"x" * 10).serialize(mask=False), TEXT, LIMIT) == nothing
    assert whole_frames(b"\x81\xfe\x00\x05\0\0\0\0hello", TEXT, LIMIT) == nothing
    assert whole_frames(masked(b"x"), 0x82, LIMIT) == nothing


@given(st.binary(max_size=40), st.lists(SIZES, max_size=2))
def test_random_bytes_are_frames_to_it_only_if_they_are_to_websockets(
    noise: bytes, sizes: list[int]
) -> None:
    data = b"".join(masked(b"y" * size) for size in sizes) + b"\x81" + noise
    payloads, _ = whole_frames(data, TEXT, LIMIT)
    frames = Frames(LIMIT)
    frames.receive_data(data)
    events = frames.events_received()
    for frame, payload in zip(events, payloads, strict=False):
        assert isinstance(frame, Frame)
        assert frame.data == payload
    assert len(events) >= len(payloads)
