"""Whom a site's server vouches for (VS-2)."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import Key, OctKey, RSAKey

from frontdesk.visitors.signed import SKEW_SECONDS, BadIdentity, SignedIdentity

NOW = 1_800_000_000
SECRET, OLDER = "s" * 40, "o" * 40
PRIVATE = RSAKey.generate_key(2048)
PUBLIC = PRIVATE.as_pem(private=False).decode()
ANN = {"sub": "17", "email": "ann@acme.example", "seats": 3, "exp": NOW + 60}


@pytest.fixture(scope="module")
def signed() -> SignedIdentity:
    return SignedIdentity((SECRET, OLDER), (PUBLIC,), now=lambda: NOW * 1000)


def token(claims: dict[str, Any], key: Key | None = None, algorithm: str = "HS256") -> str:
    return jwt.encode({"alg": algorithm}, claims, key or OctKey.import_key(SECRET))


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(SECRET, "HS256"), (OLDER, "HS256"), (None, "RS256")],
)
def test_any_of_the_keys_may_have_signed(
    signed: SignedIdentity, key: str | None, algorithm: str
) -> None:
    by = OctKey.import_key(key) if key else PRIVATE
    assert signed.fields(token(ANN, by, algorithm)) == {
        "email": "ann@acme.example", "seats": 3, "user_id": "17",
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"exp": NOW - SKEW_SECONDS}, {"exp": None}, {"exp": "soon"}, {"exp": True},
        {"nbf": NOW + SKEW_SECONDS + 1}, {"iat": NOW + SKEW_SECONDS + 1},
    ],
)  # fmt: skip
def test_a_token_has_its_time(signed: SignedIdentity, change: dict[str, Any]) -> None:
    claims = orjson.dumps({**ANN, **change})
    with pytest.raises(BadIdentity) as caught:
        signed.fields(_by_hand({"alg": "HS256"}, claims, SECRET.encode()))
    assert caught.value.code == "bad_identity"
    assert "ann" not in caught.value.why


def test_clocks_may_differ_by_a_minute(signed: SignedIdentity) -> None:
    late = {**ANN, "exp": NOW - SKEW_SECONDS + 1, "nbf": NOW + SKEW_SECONDS}
    assert signed.fields(token(late))["email"] == "ann@acme.example"


def test_a_token_without_end_is_refused(signed: SignedIdentity) -> None:
    with pytest.raises(BadIdentity, match="verified"):
        signed.fields(token({"sub": "17"}))


@pytest.mark.parametrize(
    "forged",
    [
        lambda: _by_hand({"alg": "HS256"}, orjson.dumps(ANN), b"another secret"),
        lambda: _by_hand({"alg": "HS256"}, orjson.dumps(ANN), PUBLIC.encode()),
        lambda: _by_hand({"alg": "none"}, orjson.dumps(ANN), b"")[:-43],
        lambda: _by_hand({"alg": ["HS256"]}, orjson.dumps(ANN), SECRET.encode()),
        lambda: _by_hand({"alg": "HS256"}, b'["a list"]', SECRET.encode()),
        lambda: _by_hand({"alg": "HS256"}, b"\xff", SECRET.encode()),
        lambda: token(ANN, RSAKey.generate_key(2048), "RS256"),
        lambda: token(ANN) + "x", lambda: "é.é.é", lambda: "...", lambda: "", lambda: "x" * 5000,
        lambda: "W10." * 3,
    ],
)  # fmt: skip
def test_what_is_forged_is_refused(signed: SignedIdentity, forged: Any) -> None:
    with pytest.raises(BadIdentity):
        signed.fields(forged())


def test_without_a_secret_nobody_is_believed() -> None:
    with pytest.raises(BadIdentity):
        SignedIdentity(now=lambda: NOW * 1000).fields(token(ANN))


def test_claims_that_are_no_fields_are_left_out(signed: SignedIdentity) -> None:
    claims = {**ANN, "roles": ["a"], "long": "x" * 300, "iss": "acme", "n" * 70: 1}
    assert set(signed.fields(token(claims))) == {"email", "seats", "user_id"}


def _by_hand(header: dict[str, Any], claims: bytes, key: bytes) -> str:
    signing = _b64(orjson.dumps(header)) + b"." + _b64(claims)
    return (signing + b"." + _b64(hmac.new(key, signing, hashlib.sha256).digest())).decode()


def _b64(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")
