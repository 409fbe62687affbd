"""Who may open a socket: all that is checked before the upgrade."""

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest

from tests.web.node import Node, wait_until
from tests.web.raw import Raw, masked, opening

SITE = "https://shop.example"


async def signed_in(cookie: str) -> object | None:
    if cookie == "broken":
        raise RuntimeError("secret detail of the server")
    if cookie == "slow":
        await asyncio.sleep(0.3)
    return {"good": "rep_1", "slow": "rep_2"}.get(cookie)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with Node(signed_in=signed_in, allowed_origins=[SITE + "/"]) as started:
        yield started


def own(node: Node) -> str:
    return f"http://127.0.0.1:{node.port}"


def knock(node: Node, path: str = "/v1/visitor", /, **headers: str | None) -> tuple[int, str]:
    """Status and error code (empty where it is not refused)."""
    with Raw(node.port) as raw:
        raw.send(opening(node.port, path, **headers))
        status, body = raw.answer()
        if status == 101:
            return status, ""
        assert raw.at_end()
        assert set(json.loads(body)) == {"code", "message"}
        return status, str(json.loads(body)["code"])


def test_sockets_are_opened_for_visitors_and_reps(node: Node) -> None:
    assert knock(node) == (101, "")
    assert knock(node, "/v1/rep") == (101, "")
    assert knock(node, "/v1/visitor?desk=main") == (101, "")


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/visitor/", "/v1/visitors", "/v2/rep", "*"])
def test_there_are_no_sockets_elsewhere(node: Node, path: str) -> None:
    assert knock(node, path) == (404, "not_found")


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("sec_websocket_protocol", None, 400),
        ("sec_websocket_protocol", "frontdesk.v9.json", 400),
        ("sec_websocket_protocol", "a b", 400),
        ("sec_websocket_key", None, 400),
        ("sec_websocket_key", "short", 400),
        ("sec_websocket_version", "8", 400),
        ("sec_websocket_version", None, 400),
    ],
)
def test_an_opening_that_is_no_websocket_of_ours_is_refused_in_words(
    node: Node, header: str, value: str | None, status: int
) -> None:
    assert knock(node, **{header: value}) == (status, "bad_request")


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        (b"POST /v1/rep HTTP/1.1", (405, "method_not_allowed")),
        (b"GET /v1/rep HTTP/1.0", (505, "bad_request")),
    ],
)
def test_other_methods_and_versions_are_refused(
    node: Node, line: bytes, refused: tuple[int, str]
) -> None:
    with Raw(node.port) as raw:
        raw.send(opening(node.port).replace(b"GET /v1/visitor HTTP/1.1", line))
        status, text = raw.answer()
        assert (status, json.loads(text)["code"]) == refused


# --- origins -------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["visitor", "rep"])
def test_our_own_pages_and_programs_without_an_origin_may_open_both(node: Node, side: str) -> None:
    assert knock(node, f"/v1/{side}", origin=own(node)) == (101, "")
    assert knock(node, f"/v1/{side}", origin=None) == (101, "")


def test_a_site_that_embeds_the_widget_may_open_visitors_sockets_only(node: Node) -> None:
    assert knock(node, origin=SITE) == (101, "")
    assert knock(node, "/v1/rep", origin=SITE) == (403, "forbidden")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://shop.example",
        SITE + ".evil.example",
        "null",
        "http://127.0.0.1",
    ],
)
def test_a_foreign_origin_is_refused_and_logged(
    node: Node, origin: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert knock(node, origin=origin) == (403, "forbidden")
    assert origin in caplog.text


def test_a_star_lets_every_site_embed_the_widget_but_not_the_console() -> None:
    with Node(allowed_origins=["*"]) as node:
        assert knock(node, origin="https://any.example") == (101, "")
        assert knock(node, "/v1/rep", origin="https://any.example") == (403, "forbidden")


def test_a_public_url_decides_what_our_own_origin_is() -> None:
    with Node(public_url="https://chat.example/") as node:
        assert knock(node, "/v1/rep", origin="https://chat.example") == (101, "")
        assert knock(node, "/v1/rep", origin=own(node)) == (403, "forbidden")


def test_two_origins_are_none_of_ours(node: Node) -> None:
    with Raw(node.port) as raw:
        two = f"Upgrade\r\norigin: {own(node)}\r\norigin: https://evil.example"
        raw.send(opening(node.port, "/v1/rep", connection=two, cookie="fd_sign_in=good"))
        assert raw.answer()[0] == 400


# --- sign-ins ------------------------------------------------------------------------------------


def identity(node: Node) -> object:
    while True:
        what, who = node.echo.next()
        if what == "opened":
            return who


def forget(node: Node) -> None:
    wait_until(lambda: not len(node.sweep))
    while not node.echo.happened.empty():
        node.echo.next()


@pytest.mark.parametrize(
    ("name", "public_url"), [("fd_sign_in", ""), ("__Host-fd_sign_in", "https://chat.example")]
)
def test_a_reps_cookie_says_who_it_is(name: str, public_url: str) -> None:
    with Node(public_url=public_url, signed_in=signed_in) as node:
        cookie = f"other=1; {name}=good"
        origin = public_url or own(node)
        assert knock(node, "/v1/rep", origin=origin, cookie=cookie) == (101, "")
        assert identity(node) == "rep_1"


def test_over_tls_only_a_cookie_that_no_neighbour_can_plant_counts() -> None:
    with Node(public_url="https://chat.example", signed_in=signed_in) as node:
        knock(node, "/v1/rep", origin="https://chat.example", cookie="fd_sign_in=good")
        assert identity(node) is None


def test_a_cookie_that_is_not_valid_is_refused_before_the_upgrade(node: Node) -> None:
    refused = knock(node, "/v1/rep", origin=own(node), cookie="fd_sign_in=forged")
    assert refused == (401, "unauthorized")


def test_a_cookie_is_not_looked_at_without_an_origin_nor_for_visitors(node: Node) -> None:
    forget(node)
    assert knock(node, "/v1/rep", origin=None, cookie="fd_sign_in=good") == (101, "")
    assert identity(node) is None
    assert knock(node, "/v1/visitor", origin=own(node), cookie="fd_sign_in=forged") == (101, "")
    assert identity(node) is None


def test_a_look_up_that_fails_is_a_retry_without_details(node: Node) -> None:
    refused = knock(node, "/v1/rep", origin=own(node), cookie="fd_sign_in=broken")
    assert refused == (503, "retry")


def test_data_before_the_101_waits_for_it(node: Node) -> None:
    with Raw(node.port) as raw:
        raw.send(opening(node.port, "/v1/rep", origin=own(node), cookie="fd_sign_in=slow"))
        raw.send(masked(b'{"type":"ping","id":9}'))
        assert raw.answer()[0] == 101
        assert raw.frame()[1] == b'{"type":"ok","id":9}'


def test_too_much_data_before_the_101_is_refused(node: Node) -> None:
    with Raw(node.port) as raw:
        raw.send(opening(node.port, "/v1/rep", origin=own(node), cookie="fd_sign_in=slow"))
        raw.send(masked(b"x" * 20_000))
        assert raw.answer()[0] == 400


# --- limits --------------------------------------------------------------------------------------


def test_an_address_may_open_so_many_sockets_and_again_when_one_has_closed() -> None:
    with Node(connections_per_address=2) as node:
        with Raw.opened(node.port), Raw.opened(node.port):
            assert knock(node) == (429, "rate_limited")
            with Raw(node.port) as raw:
                raw.send(opening(node.port))
                while b"\r\n\r\n" not in raw.left:
                    assert raw.more()
                assert b"retry-after" in raw.left.lower()
        wait_until(lambda: knock(node) == (101, ""))


def test_a_refused_opening_takes_no_place() -> None:
    with Node(connections_per_address=1, signed_in=signed_in) as node:
        for _ in range(3):
            assert knock(node, origin="https://evil.example")[0] == 403
            assert knock(node, "/v1/rep", origin=own(node), cookie="fd_sign_in=no")[0] == 401
            wait_until(lambda: not node.door._inside)
        assert knock(node) == (101, "")


def test_behind_a_trusted_proxy_the_clients_are_counted_and_not_the_proxy() -> None:
    with (
        Node(connections_per_address=1, trusted_proxies=["127.0.0.1"]) as node,
        Raw.opened(node.port, x_forwarded_for="1.1.1.1"),
    ):
        assert node.connection().address == "1.1.1.1"
        assert knock(node, x_forwarded_for="1.1.1.1")[0] == 429
        assert knock(node, x_forwarded_for="1.1.1.2")[0] == 101
        assert knock(node, x_forwarded_for="8.8.8.8, 1.1.1.1")[0] == 429


def test_a_node_that_drains_sends_newcomers_elsewhere() -> None:
    with Node() as node:
        node.door.draining = True
        assert knock(node) == (503, "retry")
