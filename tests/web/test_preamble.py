"""The PROXY protocol, before the HTTP of a trusted proxy."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.web.preamble import SECOND, Malformed, read
from tests.web.node import Node
from tests.web.raw import Raw, opening

REST = b"GET / HTTP/1.1\r\n"
FOUR = b"\x21\x11" + (12).to_bytes(2) + bytes((1, 1, 1, 1, 10, 0, 0, 1)) + (4711).to_bytes(2) * 2
SIX = (
    b"\x21\x21" + (36).to_bytes(2) + socket.inet_pton(socket.AF_INET6, "2a00::1") * 2 + b"\0\1\0\2"
)
HEADERS = [
    (b"PROXY TCP4 1.1.1.1 10.0.0.1 4711 80\r\n", ("1.1.1.1", 4711)),
    (b"PROXY TCP6 2a00::1 2a00::2 4711 80\r\n", ("2a00::1", 4711)),
    (b"PROXY UNKNOWN\r\n", None),
    (SECOND + FOUR, ("1.1.1.1", 4711)),
    (SECOND + SIX, ("2a00::1", 1)),
    (SECOND + b"\x20\x00\x00\x00", None),
    (SECOND + b"\x21\x11" + (20).to_bytes(2) + FOUR[4:] + b"\x03" * 8, ("1.1.1.1", 4711)),
]


@pytest.mark.parametrize(("header", "client"), HEADERS)
def test_both_versions_are_read_whole_and_in_pieces(
    header: bytes, client: tuple[str, int] | None
) -> None:
    assert read(header + REST) == (client, len(header))
    assert all(read(header[:size]) is None for size in range(len(header)))


@pytest.mark.parametrize(
    "header",
    [
        b"PROXY TCP4 nonsense 10.0.0.1 1 2\r\n",
        b"PROXY TCP4 1.1.1.1 10.0.0.1 x 2\r\n",
        b"PROXY SCTP 1.1.1.1 10.0.0.1 1 2\r\n",
        b"PROXY " + b"x" * 200,
        SECOND + b"\x31\x11\x00\x0c" + bytes(12),
        SECOND + b"\x21\x11\x00\x04" + bytes(4),
        SECOND + b"\x21\x11\xff\xff" + bytes(12),
        b"GET / HTTP/1.1\r\n",
    ],
)
def test_what_is_none_is_malformed(header: bytes) -> None:
    with pytest.raises(Malformed):
        read(header)


@given(st.binary(max_size=60), st.sampled_from([b"", b"PROXY ", SECOND, SECOND + b"\x21\x11"]))
def test_nothing_but_malformed_escapes(noise: bytes, mark: bytes) -> None:
    try:
        read(mark + noise)
    except Malformed:
        return


def test_a_trusted_proxy_may_say_it_for_http_and_sockets_and_nobody_else() -> None:
    said = b"PROXY TCP4 1.1.1.1 10.0.0.1 4711 80\r\n"
    with Node(trusted_proxies=["127.0.0.1"]) as node:
        for cut in (0, 3, 20, len(said)):
            with Raw(node.port) as raw:
                raw.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                raw.send(said[:cut])
                raw.send(said[cut:] + b"GET /x HTTP/1.1\r\nx-forwarded-for: 6.6.6.6\r\n\r\n")
                assert raw.answer() == (200, b"http 1.1.1.1 /x")
        with Raw(node.port) as raw:
            raw.send(said + opening(node.port))
            assert raw.answer()[0] == 101
            assert node.connection().address == "1.1.1.1"
        with Raw(node.port) as raw:
            raw.send(b"PRINT /x HTTP/1.1\r\n\r\n")
            assert raw.answer()[0] == 400
    with Node() as wary, Raw(wary.port) as raw:
        raw.send(said + b"GET /x HTTP/1.1\r\n\r\n")
        assert raw.answer()[0] == 400
