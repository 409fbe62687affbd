"""Where the value of a visitor's field came from, and which source wins (VS-3)."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final


class Source(StrEnum):
    """From the most to the least believed. `location.*` has its own two, which never compete."""

    REP = "rep"
    SALESFORCE = "salesforce"
    MARKETING = "marketing"
    SIGNED = "signed_identity"
    FORM = "form"
    CHAT = "chat"
    WORKFLOW = "workflow"
    PAGE = "page_api"
    URL = "url"
    ENRICHMENT = "enrichment"
    EMAIL = "email"
    """Concluded from the email address: the company's domain."""


ORDER: Final = tuple(source.value for source in Source)


WORDS: Final = {
    Source.REP: "a rep",
    Source.SALESFORCE: "Salesforce",
    Source.MARKETING: "the marketing system",
    Source.SIGNED: "the website's server",
    Source.FORM: "a form",
    Source.CHAT: "the chat",
    Source.WORKFLOW: "a workflow",
    Source.PAGE: "the page",
    Source.URL: "the page's address",
    Source.ENRICHMENT: "enrichment",
    Source.EMAIL: "the email address",
}


def rank(source: str, order: Sequence[str] = ()) -> int:
    """The lower, the more it is believed. A field's own `order` goes first; what it doesn't name
    follows in the usual order; a source that nobody knows comes last.
    """
    if source in order:
        return order.index(source)
    usual = ORDER.index(source) if source in ORDER else len(ORDER)
    return len(order) + usual
