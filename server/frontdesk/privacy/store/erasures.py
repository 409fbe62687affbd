"""The table of erasures, and how far each is."""

from typing import NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from frontdesk.storage.erased import Kind, parts
from frontdesk.storage.tables import erased, erasure, reader

_x = erasure.c


class Erasure(NamedTuple):
    """One of them. `subject` is None when it is done; times are ms."""

    id: str
    by: str
    subject: str | None
    state: str
    at: int
    done_at: int | None
    visitors: int
    conversations: int


_COLUMNS = (_x.id, _x.by, _x.subject, _x.state, _x.at, _x.done_at, _x.visitors, _x.conversations)


async def add(
    connection: AsyncConnection, desk: str, id: str, by: str, subject: str, at: int
) -> None:
    row = {"desk": desk, "id": id, "by": by, "subject": subject, "at": at, "state": "waiting"}
    await connection.execute(insert(erasure).values(row))


async def one(connection: AsyncConnection, desk: str, id: str) -> Erasure | None:
    query = select(*_COLUMNS).where(_x.id == id, _x.desk == desk)
    row = (await connection.execute(query)).first()
    return Erasure(*row) if row else None


async def unfinished(connection: AsyncConnection, desk: str) -> list[Erasure]:
    """Oldest first."""
    query = select(*_COLUMNS).where(_x.desk == desk, _x.state != "done").order_by(_x.at, _x.id)
    return [Erasure(*row) for row in await connection.execute(query)]


async def reopened(connection: AsyncConnection, desk: str) -> list[Erasure]:
    """Those that were done, and of which something is there again."""
    left = select(erased.c.erasure_id).where(erased.c.done.is_(False))
    query = select(*_COLUMNS).where(_x.desk == desk, _x.state == "done", _x.id.in_(left))
    return [Erasure(*row) for row in await connection.execute(query)]


async def left(connection: AsyncConnection, id: str, kind: Kind) -> list[str]:
    """The ids that are marked, and not yet gone everywhere."""
    query = select(erased.c.id).where(
        erased.c.erasure_id == id, erased.c.kind == kind, erased.c.done.is_(False)
    )
    return list((await connection.execute(query)).scalars())


async def marked(connection: AsyncConnection, id: str) -> list[str]:
    """Every id of an erasure."""
    return list(
        (await connection.execute(select(erased.c.id).where(erased.c.erasure_id == id))).scalars()
    )


async def gone(connection: AsyncConnection, id: str, kind: Kind, ids: list[str]) -> None:
    """Nothing is left of these."""
    which = update(erased).where(erased.c.erasure_id == id, erased.c.kind == kind)
    for some in parts(ids):
        await connection.execute(which.where(erased.c.id.in_(some)).values(done=True))


async def working(connection: AsyncConnection, id: str) -> None:
    which = update(erasure).where(_x.id == id)
    await connection.execute(which.values(state="working", rewritten_at=None))


async def finish(connection: AsyncConnection, id: str, at: int) -> tuple[int, int]:
    """Done: from now on nobody knows whom it was about. → visitors, conversations."""
    query = select(erased.c.kind, func.count()).where(erased.c.erasure_id == id)
    counts = {kind: int(n) for kind, n in await connection.execute(query.group_by(erased.c.kind))}
    visitors, conversations = counts.get("visitor", 0), counts.get("conversation", 0)
    await connection.execute(
        update(erasure)
        .where(_x.id == id)
        .values(
            state="done", done_at=at, subject=None, visitors=visitors, conversations=conversations,
            rewritten_at=None,
        )
    )  # fmt: skip
    return visitors, conversations


async def to_rewrite(connection: AsyncConnection, desk: str, before: int) -> list[str]:
    """Those done before this time whose words may still be in the append-only file."""
    query = select(_x.id).where(_x.desk == desk, _x.state == "done", _x.rewritten_at.is_(None))
    return list((await connection.execute(query.where(_x.done_at < before))).scalars())


async def rewritten(connection: AsyncConnection, ids: list[str], at: int) -> None:
    await connection.execute(update(erasure).where(_x.id.in_(ids)).values(rewritten_at=at))


async def visitors(connection: AsyncConnection, desk: str, since: int) -> list[str]:
    """Every visitor erased since then."""
    query = select(erased.c.id).join_from(erased, erasure, _x.id == erased.c.erasure_id)
    query = query.where(_x.desk == desk, erased.c.kind == "visitor", erased.c.at >= since)
    return list((await connection.execute(query)).scalars())


async def reopen(connection: AsyncConnection, desk: str, since: int) -> None:
    """What was erased since then is looked after once more."""
    of_desk = select(_x.id).where(_x.desk == desk)
    which = update(erased).where(erased.c.at >= since, erased.c.erasure_id.in_(of_desk))
    await connection.execute(which.values(done=False))


async def positions(connection: AsyncConnection, stream: str) -> list[tuple[str, str]]:
    """Epoch and id that each reader of the stream has come to."""
    query = select(reader.c.epoch, reader.c.at).where(reader.c.stream == stream)
    return [(row.epoch, row.at) for row in await connection.execute(query)]


async def hold_readers(connection: AsyncConnection, stream: str) -> None:
    """Until this transaction ends no reader writes: each begins with its position."""
    query = select(reader.c.at).where(reader.c.stream == stream).with_for_update()
    await connection.execute(query)
