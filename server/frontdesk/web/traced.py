"""What is traced: requests, claims, messages, HTTP, batches of the archive. Without a collector
nobody imports this.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontdesk.claims.store import Claims
from frontdesk.conversations.archive import Archive
from frontdesk.conversations.store import Conversations
from frontdesk.events.relay import Relay
from frontdesk.hub.connection import Connection
from frontdesk.routing.deciding import Deciding
from frontdesk.telemetry.tracing import Tracing
from frontdesk.web.announcer import Announcer
from frontdesk.web.commands import Commands
from frontdesk.web.rep_commands import RepCommands
from frontdesk.wire import frames

Winner = Callable[[str, str], Awaitable[tuple[str, int] | None]]
"""Of conversation and rep, who has it already, and since when."""
ROOTS = {
    frames.RequestPerson: "request",
    frames.Claim: "claim",
    frames.Transfer: "transfer",
    frames.Close: "close",
}


def trace_node(
    tracing: Tracing,
    commands: tuple[Commands, ...],
    deciding: Deciding,
    claims: Claims,
    conversations: Conversations,
    announcer: Announcer,
    *,
    share: float,
) -> None:
    """Puts a span around each of these. `share` of the messages are traced."""
    for side in commands:
        for kind, name in ROOTS.items():
            if kind in side.handlers:
                side.handlers[kind] = tracing.root(name, side.handlers[kind], _about)  # type: ignore[assignment]  # awaited only
        if isinstance(side, RepCommands):
            _put(side.races, "winner", _too_late(tracing, side.races.winner))
        _put(side, "_say", tracing.root("message", side._say, _about, share=share))  # noqa: SLF001 - the one seam on the path of a message
    _part(tracing, deciding, "decide", "decide")
    _part(tracing, claims, "request", "ring")
    _part(tracing, claims, "claim", "take")
    _part(tracing, conversations, "message", "append")
    for name in ("rung", "entry"):
        _put(announcer, name, tracing.moment("announce", getattr(announcer, name)))


def trace_worker(tracing: Tracing, relay: Relay, archive: Archive) -> None:
    """A batch of events, and what is done with it."""
    _put(relay, "_commit", tracing.root("archive", relay._commit, _batch))  # noqa: SLF001 - one batch
    for name in ("prepare", "write", "done"):
        _part(tracing, archive, name, name)


def traced_http(app: ASGIApp, tracing: Tracing) -> ASGIApp:
    """The same application; the path is named without what stands for an id or a token in it."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        async def with_status(message: Message) -> None:
            if message["type"] == "http.response.start":
                tracing.say("http.response.status_code", message["status"])
                tracing.say("http.route", _route(scope))
            await send(message)

        await app(scope, receive, with_status)

    return tracing.root("http", answered, _method)


def _too_late(tracing: Tracing, winner: Winner) -> Winner:
    """Who lost to somebody of this node is told so without an error; the span says it anyway."""

    async def told(conversation: str, rep: str) -> tuple[str, int] | None:
        found = await winner(conversation, rep)
        if found is not None:
            tracing.say("frontdesk.refused", "already_claimed")
        return found

    return told


def _about(connection: Connection, message: Any) -> dict[str, str | int]:
    found = getattr(message, "conversation", "")
    return {"frontdesk.side": connection.side, "frontdesk.conversation": found}


def _batch(raws: list[Any], _epoch: str, _position: str) -> dict[str, str | int]:
    return {"frontdesk.events": len(raws)}


def _method(scope: Scope, _receive: Receive, _send: Send) -> dict[str, str | int]:
    return {"http.request.method": str(scope.get("method", ""))}


def _route(scope: Scope) -> str:
    path = str(scope["path"])
    for name, value in scope.get("path_params", {}).items():
        path = path.replace(str(value), f"{{{name}}}")
    return path if "endpoint" in scope else ""


def _part(tracing: Tracing, of: object, method: str, name: str) -> None:
    _put(of, method, tracing.part(name, getattr(of, method)))


def _put(of: object, method: str, call: object) -> None:
    """In place of the method, for this one object."""
    setattr(of, method, call)
