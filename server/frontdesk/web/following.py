"""How a node begins to follow a conversation without missing an entry of it."""

from frontdesk.conversations.snapshot import Snapshot
from frontdesk.conversations.store import Conversations
from frontdesk.hub.rooms import Rooms
from frontdesk.hub.sweep import Deadlines


class Following:
    """`leaving` holds conversations that may have nobody here; they are looked at seconds later."""

    def __init__(self, rooms: Rooms, conversations: Conversations, leaving: Deadlines[str]) -> None:
        self._rooms = rooms
        self._conversations = conversations
        self.leaving = leaving

    async def follow(
        self, conversation: str, side: str, epoch: str = "", offset: int = 0
    ) -> Snapshot | None:
        """From now on this node hears of it. → what came after the position, or the whole; join
        the room at once, before anything else is awaited. None: there is no such conversation.
        """
        room = self._rooms.expect(conversation)
        snapshot = None
        try:
            for _attempt in range(5):
                snapshot = await self._conversations.attach(conversation, side, epoch, offset)
                # Behind the room: it was forwarded to the others while the answer was under way.
                if snapshot is None or room.offset <= snapshot.offset:
                    break
        finally:
            if snapshot is None:
                self._rooms.settle(room)
            else:
                self._rooms.settle(room, snapshot.epoch, snapshot.offset)
        if snapshot is not None:
            room.data = snapshot.rep or room.data
            if room.empty or (side == "v" and not room.visitors):
                self.leaving.add(conversation)
        return snapshot
