"""The short cut takes exactly what websockets would have taken, or nothing."""

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from frontdesk.web.framing import Frames, lone
from tests.web.raw import masked

LIMIT = 1_000
SIZES = st.sampled_from([0, 1, 125, 126, 127, 500, LIMIT]) | st.integers(0, LIMIT)


@given(SIZES, st.binary(min_size=8, max_size=8))
def test_a_lone_frame_is_unmasked_as_websockets_does(size: int, seed: bytes) -> None:
    payload = (seed * 200)[:size]
    assert lone(masked(payload), LIMIT) == payload


@given(SIZES, st.integers(-8, 8).filter(bool))
def test_more_or_less_than_a_frame_is_left_to_websockets(size: int, off: int) -> None:
    data = masked(b"x" * size)
    assert lone(data[:off] if off < 0 else data + b"y" * off, LIMIT) is None


def test_what_is_too_large_or_not_masked_or_long_winded_is_left_to_websockets() -> None:
    assert lone(masked(b"x" * (LIMIT + 1)), LIMIT) is None
    assert lone(masked(b"x" * 100), 99) is None
    assert lone(masked(b"x" * 70_000), 2**20) is None
    assert lone(Frame(Opcode.TEXT, b"x" * 10).serialize(mask=False), LIMIT) is None
    assert lone(b"\x81\xfe\x00\x05\0\0\0\0hello", LIMIT) is None


@given(st.binary(max_size=40))
def test_random_bytes_are_a_frame_to_it_only_if_they_are_one_to_websockets(noise: bytes) -> None:
    data = b"\x81" + noise
    payload = lone(data, LIMIT)
    frames = Frames(LIMIT)
    frames.receive_data(data)
    events = frames.events_received()
    if payload is not None:
        (frame,) = events
        assert isinstance(frame, Frame)
        assert frame.data == payload
