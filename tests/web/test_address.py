"""Whose connection is it, behind which proxies (R7.5)?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.web.address import Proxies, household, plain

PROXIES = Proxies(["10.0.0.0/8", "2001:db8::/32"])
PEER = "10.0.0.1"


def client(*headers: tuple[str, str], peer: str = PEER) -> str:
    return PROXIES.client(peer, [(name.encode(), value.encode()) for name, value in headers])


def test_without_a_trusted_proxy_the_headers_mean_nothing() -> None:
    assert client(("x-forwarded-for", "1.1.1.1"), peer="9.9.9.9") == "9.9.9.9"
    assert Proxies([]).client("9.9.9.9", [(b"x-forwarded-for", b"1.1.1.1")]) == "9.9.9.9"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("1.1.1.1", "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1", "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1, 10.2.3.4", "1.1.1.1"),
        ("1.1.1.1:4711", "1.1.1.1"),
        ("[2a00::1]:4711", "2a00::1"),
        ("2a00::1", "2a00::1"),
        ("::ffff:1.1.1.1", "1.1.1.1"),
        ("10.9.9.9, 10.2.3.4", "10.9.9.9"),
        ("nonsense", PEER),
        ("1.1.1.1, nonsense", PEER),
        ("1.1.1.1, nonsense, 10.2.3.4", "10.2.3.4"),
        ("", PEER),
    ],
)
def test_the_rightmost_hop_that_is_no_proxy_of_ours_is_the_client(value: str, address: str) -> None:
    assert client(("x-forwarded-for", value)) == address


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("for=1.1.1.1", "1.1.1.1"),
        ('For="[2a00::1]:4711";proto=https, for=10.2.3.4', "2a00::1"),
        ("for=6.6.6.6, by=10.2.3.4;for=1.1.1.1", "1.1.1.1"),
        ("for=unknown", PEER),
        ("for=_hidden", PEER),
        ("proto=https", PEER),
    ],
)
def test_the_standard_header_says_the_same(value: str, address: str) -> None:
    assert client(("forwarded", value)) == address


def test_several_headers_are_one_list() -> None:
    assert client(("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.1.1.1")) == "1.1.1.1"


def test_two_headers_that_disagree_are_both_not_believed() -> None:
    assert client(("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=6.6.6.6")) == PEER
    assert client(("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=1.1.1.1")) == "1.1.1.1"


def test_an_ipv6_customer_is_one_household() -> None:
    assert household("2a00:1:2:3::1") == household("2a00:1:2:3:ffff::9")
    assert household("2a00:1:2:3::1") != household("2a00:1:2:4::1")
    assert household("1.1.1.1") == "1.1.1.1"


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_header_breaks_it(hops: str, forwarded: str) -> None:
    headers = [
        (b"x-forwarded-for", hops.encode("utf-8", "replace")),
        (b"forwarded", forwarded.encode("utf-8", "replace")),
    ]
    address = PROXIES.client(PEER, headers)
    assert plain(address) == address
