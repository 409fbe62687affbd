"""What a rep, a group and a signed-in rep are, as values."""

import hashlib
import re
import secrets

from email_validator import EmailNotValidError, validate_email
from msgspec import Struct

from frontdesk.people.refusals import invalid
from frontdesk.people.roles import RIGHTS, Right, Role


class Rep(Struct, frozen=True):
    """A rep as stored. `groups` are group ids; times are milliseconds since 1970."""

    id: str
    email: str
    name: str
    role: Role
    capacity: int
    active: bool
    created_at: int
    picture: str = ""
    groups: tuple[str, ...] = ()


class Group(Struct, frozen=True):
    """A group of reps; `members` are rep ids."""

    id: str
    name: str
    members: tuple[str, ...] = ()


class RepIdentity(Struct, frozen=True):
    """Who is behind a cookie or a bearer token, checked a moment ago.

    `token_hash` names the sign-in (or bearer token), so that its sockets can be closed with it.
    """

    id: str
    email: str
    name: str
    picture: str
    role: Role
    groups: tuple[str, ...]
    capacity: int
    token_hash: str
    bearer: bool = False

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]


class Person(Struct, frozen=True, omit_defaults=True):
    """A rep as others see them."""

    id: str
    name: str
    picture: str = ""


# Control characters break PostgreSQL (NUL) and logs; direction overrides make one name look like
# another. A name written from right to left needs none of them.
FORBIDDEN_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean_name(text: str, *, longest: int = 80, field: str = "name") -> str:
    """Return a name without outer and double spaces; refuse an empty, long or deceiving one."""
    cleaned = " ".join(text.split())
    if not cleaned:
        raise invalid(**{field: "Must not be empty."})
    if len(cleaned) > longest:
        raise invalid(**{field: f"At most {longest} characters."})
    if FORBIDDEN_IN_NAMES.search(cleaned):
        raise invalid(**{field: "Has a character that can't be shown."})
    return cleaned


def normal_email(text: str, *, field: str = "email") -> str:
    """Return the address as we store and compare it (lower case); refuse what is none."""
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        raise invalid(**{field: str(error)}) from None
    return found.normalized.lower()


def fresh_token(prefix: str = "") -> str:
    """A secret of 256 random bits. A prefix lets people and secret scanners recognise it."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token. A plain hash is enough: nobody can guess 256 random bits.

    Looking a token up by its hash also leaks nothing through the time it takes: whoever guesses
    doesn't control the hash that is compared.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
