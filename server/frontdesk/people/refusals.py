"""The refusals of this room, each with a sentence and, for input, the names of the fields."""

from frontdesk.errors import FrontdeskError


def invalid(**fields: str) -> FrontdeskError:
    """Something in the input is wrong: a sentence for each field, by name."""
    return FrontdeskError("bad_request", " ".join(fields.values()), fields=fields)


def conflict(message: str, **fields: str) -> FrontdeskError:
    """The input is fine, but what is stored stands against it."""
    return FrontdeskError("conflict", message, fields=fields)


def unknown(what: str) -> FrontdeskError:
    return FrontdeskError("not_found", f"There is no such {what}.")


def forbidden() -> FrontdeskError:
    return FrontdeskError("forbidden", "Your role does not allow this.")


def wrong_sign_in() -> FrontdeskError:
    """One sentence for every reason: whether the address exists is nobody's business."""
    return FrontdeskError("unauthorized", "Email and password do not match.")


def throttled(wait_ms: int) -> FrontdeskError:
    seconds = max(1, -(-wait_ms // 1000))
    return FrontdeskError(
        "rate_limited",
        f"Too many attempts. Try again in {seconds} seconds.",
        retry_after=seconds,
    )
