import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from frontdesk.web.tokens import LIFETIME_SECONDS, VisitorTokens

OLD, NEW = "o" * 32, "n" * 32
TOKENS = VisitorTokens([NEW, OLD], desk="main")


@given(st.text("abcXYZ019_.-", min_size=1, max_size=64))
def test_a_token_names_the_visitor_it_was_signed_for(visitor: str) -> None:
    assert TOKENS.verify(TOKENS.sign(visitor)) == visitor


@given(st.data())
def test_a_token_changed_anywhere_is_worthless(data: st.DataObject) -> None:
    token = TOKENS.sign("v1")
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda letter: letter != token[at]))
    changed = token[:at] + other + token[at + 1 :]
    # The last letter of base64 has bits that mean nothing: only those may still pass.
    assert TOKENS.verify(changed) is None or at == len(token) - 1


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")))
def test_no_garbage_is_a_token_and_none_raises(garbage: str) -> None:
    assert TOKENS.verify(garbage) is None


@given(st.lists(st.binary(max_size=60), min_size=3, max_size=3))
def test_garbage_in_the_shape_of_a_token_is_none(parts: list[bytes]) -> None:
    token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    assert TOKENS.verify(token) is None


def test_a_token_expires_after_400_days() -> None:
    now = 1_800_000_000_000
    tokens = VisitorTokens([NEW], desk="main", now=lambda: now)
    token = tokens.sign("v1")
    now += LIFETIME_SECONDS * 1000 - 1
    assert tokens.verify(token) == "v1"
    now += 1
    assert tokens.verify(token) is None


def test_a_rotated_key_still_verifies_until_it_is_taken_out() -> None:
    before = VisitorTokens([OLD], desk="main").sign("v1")
    assert VisitorTokens([NEW, OLD], desk="main").verify(before) == "v1"
    assert VisitorTokens([NEW], desk="main").verify(before) is None


def test_a_token_of_another_desk_is_none_of_ours() -> None:
    assert TOKENS.verify(VisitorTokens([NEW], desk="other").sign("v1")) is None


@pytest.mark.filterwarnings("ignore:JWS algorithm")  # that is why nobody should accept it
@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_only_our_algorithm_is_accepted(algorithm: str) -> None:
    kid = next(iter(TOKENS._keys))
    key = TOKENS._keys[kid]
    claims = {"sub": "v1", "desk": "main", "iat": 0, "exp": 2**40}
    forged = jwt.encode({"alg": algorithm, "kid": kid}, claims, key, algorithms=[algorithm])
    assert TOKENS.verify(forged) is None


def test_a_token_without_one_of_its_claims_is_refused() -> None:
    kid = next(iter(TOKENS._keys))
    key = OctKey.import_key(TOKENS._keys[kid].raw_value)
    token = jwt.encode({"alg": "HS256", "kid": kid}, {"sub": "v1", "desk": "main"}, key)
    assert TOKENS.verify(token) is None


def test_without_a_key_nothing_starts() -> None:
    with pytest.raises(ValueError, match="key"):
        VisitorTokens([], desk="main")
