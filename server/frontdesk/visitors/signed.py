"""Who the customer's own site says its visitor is, signed by the site's server (VS-2).

A JWT, signed with a secret that the site shares with the desk (HS256) or with the site's private
key, whose public one the desk has (RS256). `exp` is required, `nbf` and `iat` are obeyed where
given, with a minute's allowance for clocks. Every other claim with a plain value is a field; `sub`,
the site's own id of the person, is the field `user_id`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey

from frontdesk.clock import NowMs
from frontdesk.errors import FrontdeskError

LONGEST: Final = 4096
SKEW_SECONDS: Final = 60
LONGEST_VALUE: Final = 256
MOST_CLAIMS: Final = 64
_NOT_FIELDS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
_REGISTRIES: Final = {
    name: jws.JWSRegistry(algorithms=[name], strict_check_header=False)
    for name in ("HS256", "RS256")
}


class BadIdentity(FrontdeskError):
    """The token isn't believed. `why` is for the log: it says nothing of what is in it."""

    def __init__(self, why: str) -> None:
        super().__init__("bad_identity")
        self.why = why


class SignedIdentity:
    """Reads the tokens of one desk. Any of the `secrets` and PEM `public_keys` may have signed.
    Raises ValueError for a PEM that is no RSA key.
    """

    def __init__(
        self, secrets: Sequence[str] = (), public_keys: Sequence[str] = (), *, now: NowMs
    ) -> None:
        self._keys: dict[str, list[OctKey | RSAKey]] = {
            "HS256": [OctKey.import_key(secret) for secret in secrets],
            "RS256": [RSAKey.import_key(pem) for pem in public_keys],
        }
        self._now = now

    def fields(self, token: str) -> dict[str, Any]:
        """The fields that the token tells. Raises BadIdentity, whatever is wrong with it."""
        if not any(self._keys.values()):
            raise BadIdentity("no identity_secret is set")
        if len(token) > LONGEST or not token.isascii():
            raise BadIdentity("too long, or no token")
        claims = self._claims(token)
        self._check_times(claims)
        return _fields_of(claims)

    def _claims(self, token: str) -> dict[str, Any]:
        """By the keys of the algorithm that its header names: a public key never checks an HMAC."""
        try:
            algorithm = str(jws.extract_compact(token.encode()).protected.get("alg"))
        except (JoseError, ValueError, TypeError, RecursionError):
            raise BadIdentity("no token") from None
        keys = self._keys.get(algorithm, [])
        for key in keys:
            try:
                signed = jws.deserialize_compact(token, key, registry=_REGISTRIES[algorithm])
                claims = msgspec.json.decode(signed.payload)
            except (JoseError, ValueError, TypeError, RecursionError):
                continue
            if isinstance(claims, dict):
                return claims
        raise BadIdentity("not signed with a key of ours" if keys else "no key for its algorithm")

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._now() / 1000
        if not _is_time(claims.get("exp")):
            raise BadIdentity("no exp")
        if claims["exp"] <= now - SKEW_SECONDS:
            raise BadIdentity("expired")
        for name in ("nbf", "iat"):
            begins = claims.get(name)
            if begins is not None and (not _is_time(begins) or begins > now + SKEW_SECONDS):
                raise BadIdentity(f"{name} is not yet")


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fields_of(claims: Mapping[str, Any]) -> dict[str, Any]:
    """What isn't plain, or too long for a field, is left out: a token may carry more than that."""
    told = {name: value for name, value in claims.items() if name not in _NOT_FIELDS}
    if claims.get("sub"):
        told.setdefault("user_id", str(claims["sub"]))
    plain = {
        name: value
        for name, value in told.items()
        if len(name) <= LONGEST_VALUE // 4 and _is_plain(value)
    }
    return dict(list(plain.items())[:MOST_CLAIMS])


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE
    return value is None or isinstance(value, bool | int | float)
