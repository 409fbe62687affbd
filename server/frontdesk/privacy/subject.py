"""Whom it is about: an email address, or one visitor; and what names that address in a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from email_validator import EmailNotValidError, validate_email

from frontdesk.people.refusals import invalid

_VISITOR = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True)
class Subject:
    """`text` is an address in lower case, or a visitor's id."""

    text: str

    @property
    def is_email(self) -> bool:
        return "@" in self.text

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """How the address may stand in what is stored, in lower case: also as in a link."""
        local, _, domain = self.text.rpartition("@")
        domains = {domain, _ascii(self.text, domain)}
        plain = [f"{local}@{one}" for one in sorted(domains)]
        return tuple(dict.fromkeys([*plain, *(quote(one, safe="+").lower() for one in plain)]))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """The whole address: that of joann@ doesn't name ann@."""
        any_of = "|".join(re.escape(one) for one in self.spellings)
        return re.compile(rf"(?<![\w.+%-])(?:{any_of})(?![\w-]|\.\w)")

    def is_in(self, document: Any) -> bool:
        """Whether some text in this (text, list or map) names the address."""
        return any(self._pattern.search(text.lower()) for text in texts_of(document))


def subject_of(text: str) -> Subject:
    """Raises bad_request with a sentence for `who`."""
    text = text.strip()
    if "@" in text:
        try:
            found = validate_email(text, check_deliverability=False)
        except EmailNotValidError as error:
            raise invalid(who=str(error)) from None
        return Subject(found.normalized.lower())
    if not _VISITOR.fullmatch(text):
        raise invalid(who="Give an email address or the id of a visitor.")
    return Subject(text)


def texts_of(document: Any) -> Iterator[str]:
    """Every text in a document, names of fields too."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for name, value in document.items():
            yield str(name)
            yield from texts_of(value)
    elif isinstance(document, list | tuple):
        for value in document:
            yield from texts_of(value)


def _ascii(email: str, domain: str) -> str:
    try:
        return validate_email(email, check_deliverability=False).ascii_domain.lower()
    except EmailNotValidError:
        return domain
