"""What other nodes did, on its way to the sockets of this one.

Notices carry a sequence: after any jump, new subscription or new epoch everything here is attached
again, from the last position that was forwarded (R8.3, R8.4). Nothing is missed silently.
"""

import asyncio
from collections.abc import Awaitable, Callable

import orjson
import structlog

from frontdesk.bus.notices import Notice, parse_notice
from frontdesk.bus.timers import Timers
from frontdesk.clock import now_ms
from frontdesk.conversations.entries import Entry
from frontdesk.conversations.store import Conversations
from frontdesk.errors import FrontdeskError
from frontdesk.hub.rooms import Room
from frontdesk.presence.mirror import Mirror
from frontdesk.telemetry import Counter, Spread
from frontdesk.web.announcer import Announcer
from frontdesk.wire.frames import CloseCode

log = structlog.get_logger("inbox")

RING_ELSEWHERE = Spread(
    "ring_elsewhere_seconds",
    "From the script that rings to the offers of another node's reps; compares two clocks.",
)
ATTACHED = Counter("attached_again", "Times that all rooms were attached again, by why.", "why")

SAY_SO_AFTER = 0.3
"""Seconds: a gap that is filled sooner is not worth telling anyone (CH-6)."""
MOST_FILLS = 5
"""Reads of the log for one gap; what is still missing then is asked for by the next entry."""
BATCH = 200
"""Rooms attached again at a time (R8.4)."""


class Inbox:
    """Handles notices, fills gaps. `restore` brings back from SQL what Redis
    lost; `reattach_reps` puts this node's devices up again and sends
    their offers anew; `people_changed` reads people again, `rules_changed` the live rules.
    """

    def __init__(
        self,
        announcer: Announcer,
        conversations: Conversations,
        mirror: Mirror,
        timers: Timers,
        *,
        restore: Callable[[], Awaitable[object]],
        reattach_reps: Callable[[], Awaitable[None]],
        people_changed: Callable[[], None],
        signed_out: Callable[[str, str], None],
    ) -> None:
        self._announcer = announcer
        self._conversations = conversations
        self._mirror = mirror
        self._timers = timers
        self._restore = restore
        self._reattach_reps = reattach_reps
        self._people_changed = people_changed
        self.rules_changed: Callable[[], None] = lambda: None
        self._signed_out = signed_out
        self.opened: Callable[[str, str], Awaitable[None]] = _nobody
        """A tab elsewhere of this visitor asked for a person, in this conversation."""
        self.erased: Callable[[str], None] = lambda _visitor: None
        """This visitor's data were erased: nobody here goes on as them (OP-5)."""
        self.check_erased: Callable[[], Awaitable[None]] = _nobody
        """The same of all visitors here: a notice may have been missed."""
        self.known: Callable[[str], Awaitable[None]] = _nobody
        """More is known of this visitor."""
        self._sequence: int | None = None
        self._again = asyncio.Event()
        self._rooms_again = False
        self._new_epoch = False
        self.restored = asyncio.Event()
        """Commands wait for it (web/commands.py)."""
        self.restored.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.up = False
        announcer.rooms.on_gap = self.fill
        self._kinds = {
            b"entry": self._entry,
            b"offer": self._offer,
            b"unring": self._unring,
            b"presence": self._presence,
            b"read": self._read,
            b"typing": self._typing,
            b"here": self._here,
            b"about": self._about,
            b"superseded": self._superseded,
            b"people": self._people,
            b"routing": self._routing,
            b"signed_out": self._sign_out,
            b"opened": self._opened,
            b"erased": self._erased,
            b"known": self._known,
        }

    @property
    def sequence(self) -> int | None:
        """The last notice heard; None: nothing since the subscription, nobody knows yet."""
        return self._sequence

    def assume(self, sequence: int) -> None:
        """Everything up to here is known: it was attached after the subscription."""
        self._sequence = sequence

    # --- hearing

    def heard(self, payload: bytes) -> None:
        """One notice."""
        try:
            notice = parse_notice(payload)
        except ValueError:
            log.warning("not a notice", begin=payload[:40])
            return
        if self._sequence is not None and notice.sequence != self._sequence + 1:
            self.attach_again("jump")
        self._sequence = notice.sequence
        handler = self._kinds.get(notice.kind)
        if handler is not None:  # others are of a later version (rolling upgrade)
            handler(notice)

    def subscribed(self) -> None:
        """A new subscription: what was published before it is not known."""
        self.up = True
        self._sequence = None
        self.attach_again("subscribed")

    def lost(self) -> None:
        """No subscription: consoles are behind from now on (CH-6)."""
        self.up = False
        for room in self._announcer.rooms.all():
            self._announcer.recovering(room, on=True)

    def _entry(self, notice: Notice) -> None:
        conversation, epoch, offset, wall, kind, *rest = (word.decode() for word in notice.fields)
        entry = Entry(conversation, epoch, int(offset), int(wall), kind, notice.body)
        words = " ".join(rest)
        self._announcer.entry(entry, "" if words == "-" else words)

    def _offer(self, notice: Notice) -> None:
        conversation, wall, requested, expires, reps = (w.decode() for w in notice.fields)
        extra, _, about = notice.body.partition(b"\n")
        self._announcer.offer(
            conversation, reps.split(","), int(requested), int(expires), about, extra
        )
        RING_ELSEWHERE.observe((now_ms() - int(wall)) / 1000)

    def _unring(self, notice: Notice) -> None:
        conversation, wall, rep, outcome = (word.decode() for word in notice.fields)
        self._announcer.unrung(conversation, rep, outcome, int(wall))

    def _presence(self, notice: Notice) -> None:
        self._spawn(self._mirror.refresh_one(notice.fields[0].decode()))

    def _read(self, notice: Notice) -> None:
        conversation, side, offset = (word.decode() for word in notice.fields)
        self._announcer.read(conversation, side, int(offset))

    def _typing(self, notice: Notice) -> None:
        conversation, side, on = (word.decode() for word in notice.fields)
        self._announcer.typing(conversation, side, on=on == "1")

    def _here(self, notice: Notice) -> None:
        conversation, here = (word.decode() for word in notice.fields)
        self._announcer.visitor(conversation, here=here == "1")

    def _about(self, notice: Notice) -> None:
        conversation, *here = notice.fields  # a node of an earlier version doesn't say
        self._announcer.about(conversation.decode(), notice.body, here=here != [b"0"])

    def _superseded(self, notice: Notice) -> None:
        device, nonce = (word.decode() for word in notice.fields)
        for connection in self._announcer.reps.everyone():
            seat = connection.data
            if seat.device == device and seat.nonce == nonce:
                seat.up = False
                connection.close(CloseCode.SUPERSEDED, "superseded")

    def _people(self, _notice: Notice) -> None:
        self._people_changed()

    def _routing(self, _notice: Notice) -> None:
        self.rules_changed()

    def _sign_out(self, notice: Notice) -> None:
        rep, sign_in = (word.decode() for word in notice.fields)
        self._signed_out(rep, "" if sign_in == "-" else sign_in)

    def _opened(self, notice: Notice) -> None:
        visitor, conversation = (word.decode() for word in notice.fields)
        self._spawn(self.opened(visitor, conversation))

    def _erased(self, notice: Notice) -> None:
        self.erased(notice.fields[0].decode())

    def _known(self, notice: Notice) -> None:
        self._spawn(self.known(notice.fields[0].decode()))

    # --- catching up

    def attach_again(self, why: str) -> None:
        """Everything of this node is attached again, soon."""
        ATTACHED.add(why)
        log.info("attaching again", why=why, rooms=len(self._announcer.rooms))
        self._people_changed()  # what was missed may have been the news of it
        self._rooms_again = True
        self._again.set()

    def reps_again(self, why: str) -> None:
        """The reps of this node are attached again, soon; the conversations have missed nothing."""
        log.info("attaching reps again", why=why)
        self._again.set()

    def epoch_changed(self) -> None:
        """Redis is another incarnation: what it lost comes back from SQL before all else."""
        self._new_epoch = True
        self.restored.clear()
        self.attach_again("epoch")

    async def run(self) -> None:
        """Attaches everything again, whenever that was asked for."""
        while True:
            await self._again.wait()
            self._again.clear()
            try:
                await self._attach_all()
            except FrontdeskError as error:
                log.warning("attaching waits", code=error.code)
                if not self._new_epoch:
                    self.restored.set()  # commands hear for themselves that Redis is away
                self._again.set()
                await asyncio.sleep(0.2)
            except Exception:
                # SQL away in the middle of a restore, say: a node that stops here hears nothing
                # of what it missed, for as long as it lives.
                log.exception("attaching waits")
                self.restored.set()
                self._again.set()
                await asyncio.sleep(1)

    async def _attach_all(self) -> None:
        if self._new_epoch:
            self.restored.clear()
            await self._restore()
            self._new_epoch = False
        await self._attach_rooms()
        await self._reattach_reps()
        await self._mirror.refresh(self._mirror.revision)
        self._timers.soon()
        if not self._new_epoch:
            self.restored.set()

    async def _attach_rooms(self) -> None:
        if not self._rooms_again:
            return
        self._rooms_again = False
        rooms = self._announcer.rooms.all()
        try:
            await self.check_erased()
            for begin in range(0, len(rooms), BATCH):
                await asyncio.gather(*map(self._catch_up, rooms[begin : begin + BATCH]))
        except BaseException:
            self._rooms_again = True
            raise

    def fill(self, room: Room) -> None:
        """An entry is missing before another: read it from the log."""
        self._spawn(self._fill(room))

    async def _fill(self, room: Room) -> None:
        """Until the gap is closed; if that takes long, those who look at it are told (CH-6)."""
        room.catching_up = True
        told = asyncio.create_task(self._say_behind(room))
        try:
            for _ in range(MOST_FILLS):
                await self._catch_up(room)
                if not room.ahead:
                    break  # else more came meanwhile, of another epoch or after another gap
        except FrontdeskError as error:
            log.warning("a gap stays", conversation=room.id, code=error.code)
            self.attach_again("gap")
        finally:
            room.catching_up = False
            told.cancel()

    async def _say_behind(self, room: Room) -> None:
        await asyncio.sleep(SAY_SO_AFTER)
        self._announcer.recovering(room, on=True)

    async def _catch_up(self, room: Room) -> None:
        """What came after the last position forwarded; or a snapshot to everybody (R1.3, R1.4)."""
        if room.offset < 0:
            return
        side = "v" if room.visitors else "-"
        snapshot = await self._conversations.attach(room.id, side, room.epoch, room.offset)
        if snapshot is None:
            self._announcer.rooms.drop(room.id)
            return
        if snapshot.recovered:
            for entry in snapshot.entries:
                self._announcer.entry(entry, _rest_of(entry), read=True)
            self._announcer.rooms.restart(room, room.epoch, room.offset)
        else:
            self._announcer.restart(room, snapshot)
        self._announcer.recovering(room, on=False)

    def _spawn(self, coroutine: Awaitable[None]) -> None:
        task = asyncio.ensure_future(self._guarded(coroutine))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, coroutine: Awaitable[None]) -> None:
        try:
            await coroutine
        except FrontdeskError as error:
            log.warning("a notice waits", code=error.code)
            self.attach_again("trouble")


async def _nobody(*_words: str) -> None:
    """Until there are visitors."""


def _rest_of(entry: Entry) -> str:
    """What the notice would have said beside the body: the winner, or the former holder and why."""
    if entry.kind not in ("claimed", "requested"):
        return ""
    body = orjson.loads(entry.body)
    if entry.kind == "claimed":
        return str(body["rep"]["id"])
    return f"{body['by']['id']} {body['why']}" if "by" in body else ""
