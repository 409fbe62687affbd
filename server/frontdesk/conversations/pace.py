"""How long it usually takes until somebody answers: what the widget may promise."""

from statistics import median

from sqlalchemy import select

from frontdesk.bus.repeating import repeat
from frontdesk.storage.engine import Database
from frontdesk.storage.tables import conversation

EVERY = 60.0
LATELY = 50
"""The last conversations that count."""


class Pace:
    """Median seconds from request to claim, over the last conversations; None if there are none."""

    def __init__(self, database: Database, desk: str) -> None:
        self._database = database
        self._desk = desk
        self.usual_seconds: int | None = None

    async def measure(self) -> None:
        """Reads the archive once."""
        query = (
            select(conversation.c.claimed_at - conversation.c.requested_at)
            .where(conversation.c.desk == self._desk, conversation.c.claimed_at.is_not(None))
            .order_by(conversation.c.requested_at.desc())
            .limit(LATELY)
        )
        async with self._database.read() as connection:
            waited = [row[0] for row in await connection.execute(query)]
        self.usual_seconds = max(1, round(median(waited) / 1000)) if waited else None

    async def run(self) -> None:
        """Now and every minute."""
        await repeat("pace", self.measure, every=EVERY)
