"""What a ring card says beside who the visitor is: JSON, made once for all who may ring.

Why they ring differs between reps: reasons of one's own stand in `reasons`, which nobody is sent.
"""

import orjson

_PERSONAL = b'"reasons":'
"""Inside what people wrote the quotes would be escaped."""


def card_for(extra: bytes, rep: str) -> bytes:
    """`extra` as this rep gets it."""
    if _PERSONAL not in extra:
        return extra
    card = orjson.loads(extra)
    reasons = card.pop("reasons")
    return orjson.dumps({**card, "reason": reasons.get(rep, card["reason"])})


def reason_for(extra: bytes, rep: str) -> str:
    """Why this rep was rung; `extra` may be empty."""
    return str(orjson.loads(card_for(extra, rep)).get("reason", "")) if extra else ""
