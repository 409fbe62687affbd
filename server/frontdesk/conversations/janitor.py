"""Takes away what a crash left behind: nothing of it is needed, all of it takes memory."""

from sqlalchemy import select

from frontdesk.bus.repeating import repeat
from frontdesk.conversations.store import Conversations
from frontdesk.presence.store import Presence
from frontdesk.storage.engine import Database
from frontdesk.storage.tables import conversation

EVERY = 300.0
PAGE = 500


class Janitor:
    """Closed conversations that SQL has but that were not retired (the archiver died in between),
    and the inbox numbers of nodes that are no more.
    """

    def __init__(
        self, database: Database, conversations: Conversations, presence: Presence
    ) -> None:
        self._database = database
        self._conversations = conversations
        self._presence = presence

    async def run(self) -> None:
        """Now and every five minutes."""
        await repeat("janitor", self.clean, every=EVERY)

    async def clean(self) -> int:
        """Once. → how many closed conversations were retired."""
        retired = 0
        async for names in self._conversations.without_expiry(PAGE):
            async with self._database.read() as connection:
                query = select(conversation.c.id, conversation.c.last_offset).where(
                    conversation.c.id.in_(names), conversation.c.state == "closed"
                )
                closed = (await connection.execute(query)).all()
            for row in closed:
                await self._conversations.retire(row.id, row.last_offset)
            retired += len(closed)
        for node in await self._presence.strangers():
            await self._presence.forget_node(node)
        return retired
