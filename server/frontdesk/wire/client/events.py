"""What a client tells its owner."""

from msgspec import Struct

from frontdesk.wire import frames


class Welcomed(Struct, frozen=True):
    """The connection is ready, and the client's state is fresh.

    What was missed meanwhile follows as `Pushed`, where the position was recovered.
    """

    welcome: frames.VisitorWelcome | frames.RepWelcome


class Answered(Struct, frozen=True):
    """A request was done."""

    request: frames.Request
    ok: frames.Ok


class Refused(Struct, frozen=True):
    """A request was refused; None: the server couldn't tell which, or says it of the connection.

    Where `error.retry` is true, `again(request)` asks once more, better a moment later.
    """

    request: frames.Request | None
    error: frames.Error


class Pushed(Struct, frozen=True):
    """Something happened, told once and in order; the client's state has it already."""

    message: Struct


Event = Welcomed | Answered | Refused | Pushed
