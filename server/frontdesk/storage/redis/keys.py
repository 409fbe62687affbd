"""The names of everything in Redis: one place, so that no key is ever built elsewhere."""

from typing import NamedTuple

SLOTS = 64
"""Over which visitors are spread."""


class ConversationKeys(NamedTuple):
    """The keys of one conversation; they share the desk's hash tag (Law: atomic together)."""

    c: str
    ring: str
    log: str


class Keys:
    """The keys of a desk, `{prefix}:{d:<desk>}:…`, and of visitors, `{prefix}:{v:NN}:…`."""

    def __init__(self, prefix: str, desk: str) -> None:
        self._desk = f"{prefix}:{{d:{desk}}}:"
        self._visitors = f"{prefix}:{{v:"
        self.meta = self._desk + "meta"
        self.ev = self._desk + "ev"
        self.inbox = self._desk + "inbox"
        self.reps = self._desk + "reps"
        self.dev = self._desk + "dev"
        self.nodes = self._desk + "nodes"
        self.open = self._desk + "open"
        self.queue = self._desk + "queue"
        self.due = self._desk + "due"
        self.rot = self._desk + "rot"
        self.silent = self._desk + "silent"

    def conversation(self, conversation: str) -> ConversationKeys:
        """`conversation` is an id; three keys."""
        desk = self._desk
        return ConversationKeys(
            f"{desk}c:{conversation}",
            f"{desk}ring:{conversation}",
            f"{desk}log:{conversation}",
        )

    def held(self, rep: str) -> str:
        """The set of conversations that a rep holds (R3.1)."""
        return f"{self._desk}held:{rep}"

    def rate(self, name: str) -> str:
        """How much of something was done lately."""
        return f"{self._desk}rate:{name}"

    def visitor(self, visitor: str) -> str:
        """A visitor's session, spread over 64 slots by the id's last characters."""
        return f"{self._visitors}{_slot(visitor):02d}}}:{visitor}"

    @property
    def all_visitors(self) -> str:
        """What SCAN finds the sessions of all visitors by, and the sets of who is where."""
        return f"{glob_of(self._visitors)}*"

    def visitor_of(self, key: str) -> str:
        """The visitor of such a key; '' if it is another one."""
        name = key[len(self._visitors) :].partition("}:")[2]
        return "" if name.startswith("at:") else name

    def visitors_at(self, node: str, visitor: str) -> str:
        """The visitors with a socket on a node, of this visitor's slot."""
        return f"{self._visitors}{_slot(visitor):02d}}}:at:{node}"

    def all_visitors_at(self, node: str) -> list[str]:
        """The same of all slots."""
        return [f"{self._visitors}{slot:02d}}}:at:{node}" for slot in range(SLOTS)]

    def channel(self, node: str) -> str:
        """The inbox channel of a node (R8.1)."""
        return f"{self.inbox}:{node}"


def _slot(visitor: str) -> int:
    return sum(visitor[-3:].encode()) % SLOTS


class RawKeys:
    """The same names as bytes, for the path of a message: packing text costs a script call with
    five keys 1.7 µs more.
    """

    def __init__(self, keys: Keys) -> None:
        self.ev = keys.ev.encode()
        self.inbox = keys.inbox.encode()
        self.reps = keys.reps.encode()
        self.open = keys.open.encode()
        self.queue = keys.queue.encode()
        self.due = keys.due.encode()
        self.nodes = keys.nodes.encode()
        self.rot = keys.rot.encode()
        self.silent = keys.silent.encode()
        self._c, self._ring, self._log = (name.encode() for name in keys.conversation(""))
        self._held = keys.held("").encode()

    def conversation(self, conversation: str) -> tuple[bytes, bytes, bytes]:
        """c, ring, log."""
        name = conversation.encode()
        return self._c + name, self._ring + name, self._log + name

    def c(self, conversation: str) -> bytes:
        """The first of them alone."""
        return self._c + conversation.encode()

    def held(self, rep: str) -> bytes:
        """The set of conversations that a rep holds."""
        return self._held + rep.encode()


def glob_of(text: str) -> str:
    """`text` as a pattern of SCAN that means just itself."""
    return "".join(f"\\{letter}" if letter in "*?[]^\\" else letter for letter in text)
