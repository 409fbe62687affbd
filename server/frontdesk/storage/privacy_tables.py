"""The tables of erasing a person's data (OP-5): what is to be erased, what was, what is counted."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, false

from frontdesk.storage.columns import Id, metadata, moment

# Asked of any process, worked off by the worker. Whom it is about stands here until it is done.
erasure = Table(
    "erasure",
    metadata,
    Column("id", Id, primary_key=True),
    Column("desk", String(64), nullable=False),
    Column("by", Id, nullable=False),  # rep id, or "system"
    Column("subject", String(254)),  # an email address or a visitor's id; none: it is done
    Column("state", String(16), nullable=False),  # waiting, working, done
    moment("at", required=True),
    moment("done_at"),
    moment("rewritten_at"),  # of Redis' append-only file, some minutes later
    Column("visitors", Integer, nullable=False, server_default="0"),
    Column("conversations", Integer, nullable=False, server_default="0"),
    Index(None, "state", "at"),
)

# Ids that must never be written again, by an archive that is behind or a Redis that comes back.
erased = Table(
    "erased",
    metadata,
    Column("kind", String(16), primary_key=True),  # visitor, conversation
    Column("id", Id, primary_key=True),
    Column("erasure_id", Id, nullable=False),
    Column("done", Boolean, nullable=False, server_default=false()),
    moment("at", required=True),
    Index(None, "erasure_id"),
    Index(None, "done"),
    Index(None, "at"),
)

# What erased conversations leave behind, so that sums stay what they were: counts alone. `day` is
# its begin in UTC (ms).
erased_request = Table(
    "erased_request",
    metadata,
    Column("desk", String(64), primary_key=True),
    moment("day", key=True),
    Column("rule", String(64), primary_key=True),
    Column("region", String(64), primary_key=True),
    Column("name", String(256), nullable=False),  # the rule's
    Column("requests", Integer, nullable=False),
    Column("claimed", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Index(None, "day"),
)

erased_offer = Table(
    "erased_offer",
    metadata,
    Column("desk", String(64), primary_key=True),
    moment("day", key=True),
    Column("rep_id", Id, primary_key=True),
    Column("offered", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("declined", Integer, nullable=False),
    Column("expired", Integer, nullable=False),
    Column("claimed", Integer, nullable=False),
    Index(None, "day"),
)
