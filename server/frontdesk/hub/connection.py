"""One socket, as the rest of the server sees it: push to it, close it, ask who is there."""

import asyncio
import logging
from collections.abc import Hashable
from time import monotonic
from typing import Any, Literal, Protocol

from websockets.frames import CloseCode as Standard

from frontdesk.errors import SENTENCES
from frontdesk.hub.flush import Flush
from frontdesk.hub.sweep import Sweep
from frontdesk.telemetry import Counter
from frontdesk.wire.codec import Codec, Outgoing, frames_of, request_ids
from frontdesk.wire.frames import CloseCode, Error

log = logging.getLogger(__name__)

CLOSED = Counter(
    "sockets_closed", "Sockets that ended: by our close code, or `client` where they left.", "code"
)
REFUSED = Counter(
    "refused",
    "What was refused: openings, hellos, frames (rate), commands; by code.",
    "what",
    "code",
)
# An alert sees a first one only if there was a zero before it.
CLOSED.add(str(CloseCode.SLOW), by=0)
REFUSED.add("command", "internal", by=0)

Side = Literal["visitor", "rep"]

_WEIGHT = 9
"""A frame costs one more for every 2**9 bytes: a list of 64 messages is no way around the rate."""


class Receiver(Protocol):
    """The domain's end. All calls are synchronous and come from the event loop, in order."""

    def opened(self, connection: "Connection", identity: object | None) -> None:
        """The socket is open. `identity` is who the cookie of a rep's sign-in belongs to."""

    def received(self, connection: "Connection", payload: bytes) -> None:
        """A whole frame came, within size and rate, not yet decoded. An exception closes 1011."""

    def closed(self, connection: "Connection") -> None:
        """The socket is over, by whichever side. Once, only after `opened`, in its own turn."""


class Port(Protocol):
    """The socket's end: whoever speaks WebSocket."""

    def end(self, code: int, reason: str) -> None:
        """Send a close frame, then let go of the socket in a bounded time."""

    def abort(self) -> None:
        """Let go of the socket now."""


class Connection:
    """A socket that has passed the door. Not a task, not a queue object: about 300 bytes.

    `principal` is set once the hello was accepted (until then the sweep counts `hello_seconds`);
    `data` is for whoever needs state per socket. Everything pushed in one turn of the loop leaves
    in one write, as one frame. `closed` is true from the moment either side has closed: pushes
    are then ignored and nothing is received any more. `gone`: the transport is lost as well.
    """

    __slots__ = (
        "_dirty", "_flush", "_limits", "_places", "_port", "_queue", "_spent", "_sweep",
        "_transport", "address", "came", "closed", "codec", "data", "gone", "heard", "origin",
        "principal", "side", "slot", "unanswered", "user_agent",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913 - what the opening told, by name
        self,
        *,
        side: Side,
        codec: Codec,
        address: str,
        origin: str,
        port: Port,
        transport: asyncio.Transport,
        flush: Flush,
        sweep: Sweep,
        user_agent: str = "",
    ) -> None:
        self.side: Side = side
        self.codec = codec
        self.address = address
        self.origin = origin
        self.user_agent = user_agent
        """What the browser calls itself; whoever has read it empties it."""
        self.principal: Any = None
        self.data: Any = None
        self.came = 0.0
        """When the frame came that is being handled, by the monotonic clock."""
        self.closed = False
        self.gone = False
        self.heard = True
        """Anything came since the last heartbeat (the sweep's)."""
        self.unanswered = 0
        """Heartbeats since anything came (the sweep's)."""
        self.slot = 0
        """The turn of the sweep at which this socket's heart is felt (the sweep's)."""
        self._port = port
        self._transport = transport
        self._flush = flush
        self._sweep = sweep
        self._limits = sweep.limits
        self._queue: list[Outgoing | None] = []
        self._places: dict[Hashable, int] | None = None
        self._dirty = False
        self._spent = 0.0

    def push(self, out: Outgoing, *, replaceable_key: Hashable | None = None) -> None:
        """Queue a message. One that is still unwritten and has the same key is replaced by it."""
        if self.closed:
            return
        if replaceable_key is not None:
            self._replace(replaceable_key)
        self._queue.append(out)
        if not self._dirty:
            self._dirty = True
            self._flush.add(self)

    def _replace(self, key: Hashable) -> None:
        """The new one takes the last place, so that it never overtakes what came before it."""
        places = self._places
        if places is None:
            places = self._places = {}
        earlier = places.get(key)
        if earlier is not None:
            self._queue[earlier] = None
        places[key] = len(self._queue)

    def deliver(self) -> None:
        """Write what is queued; the flush calls this at the end of the turn."""
        self._dirty = False
        queue = self._queue
        if not queue or self.closed:
            return
        buffered = self._transport.get_write_buffer_size()
        if buffered > self._limits.high_bytes:
            self._deliver_behind(buffered)
            return
        self._queue = []
        if self._places is None:
            self._transport.write(frames_of(queue, self.codec))  # type: ignore[arg-type]  # only a key leaves a None
        else:
            self._places = None
            self._transport.write(frames_of([out for out in queue if out], self.codec))

    def _deliver_behind(self, buffered: int) -> None:
        """The reader is behind: only what may not be lost is written, the rest is coalesced."""
        if buffered > self._limits.slow_bytes:
            self.close(CloseCode.SLOW, "slow")
            return
        self._sweep.behind.add(self)
        places = self._places or {}
        held = {place: key for key, place in places.items()}
        durable = [out for place, out in enumerate(self._queue) if out and place not in held]
        kept = sorted(held)
        self._queue = [self._queue[place] for place in kept]
        self._places = {held[place]: index for index, place in enumerate(kept)} or None
        if durable:
            self._transport.write(frames_of(durable, self.codec))

    def resumed(self) -> None:
        """The reader has caught up: write what was held back."""
        self._sweep.behind.discard(self)
        if self._queue and not self._dirty and not self.closed:
            self._dirty = True
            self._flush.add(self)

    def admit(self, payload: bytes) -> bool:
        """Is this frame within the rate? Counted before it is parsed; a refused one counts too.

        A refused frame is answered `rate_limited`; who is refused for a whole further burst is
        closed.
        """
        self.came = now = monotonic()
        spent = max(self._spent, now)
        limits = self._limits
        self._spent = spent = spent + limits.frame_cost * (1 + (len(payload) >> _WEIGHT))
        if spent - now <= limits.allowance:
            return True
        if spent - now > 2 * limits.allowance:
            self.close(CloseCode.RATE, "rate_limited")
        else:
            self._refuse(payload)
        return False

    def _refuse(self, payload: bytes) -> None:
        REFUSED.add("frame", "rate_limited")
        for number in request_ids(payload, self.codec):
            refusal = Error(
                id=number, code="rate_limited", message=SENTENCES["rate_limited"], retry=True
            )
            key = None if number is not None else "rate_limited"
            self.push(Outgoing.of(refusal), replaceable_key=key)

    def close(self, code: int, reason: str = "") -> None:
        """Write what is queued, then close (codes: `frames.CloseCode`). Idempotent."""
        if self.closed:
            return
        left = [out for out in self._queue if out]
        self.over(str(code))
        try:
            if left and code != CloseCode.SLOW:
                self._transport.write(frames_of(left, self.codec))
        finally:
            self._port.end(code, reason)

    def broken(self, error: Exception) -> None:
        """A bug of ours: told to the log, not to the client, who comes back for a fresh state."""
        words = "a %s's socket broke the server's code"
        log.error(words, self.side, exc_info=error, extra=self.named)
        self.close(Standard.INTERNAL_ERROR, "internal")

    @property
    def named(self) -> dict[str, str]:
        """Whose socket it is, for a line of the log; `data` says so, if there is any."""
        return dict(getattr(self.data, "named", {}))

    def over(self, code: str = "client") -> None:
        """No more in either direction; the socket calls this when the other side has closed."""
        if not self.closed:
            CLOSED.add(code)
        self.closed = True
        self._queue = []
        self._places = None

    def behind(self) -> bool:
        """More is waiting to be read than a reader that keeps up would leave."""
        return self._transport.get_write_buffer_size() > self._limits.high_bytes

    def beat(self, ping: bytes) -> None:
        """Ask the other side for a sign of life (the sweep calls this)."""
        if self.behind():
            self._sweep.behind.add(self)
        self._transport.write(ping)

    def abort(self) -> None:
        """Let go of the socket now; for one that doesn't answer a close frame."""
        self._port.abort()
