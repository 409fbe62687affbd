"""The tables of routing: rule sets with their draft, who owns whom, fields, working hours (RT)."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from frontdesk.storage.columns import Document, Id, RuleDocument, metadata, moment

routing_version = Table(
    "routing_version",
    metadata,
    Column("desk", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", RuleDocument, nullable=False),  # never changed afterwards
    Column("note", String(500), nullable=False, server_default=""),
    Column("by", Id, nullable=False),  # rep id, or "system"
    moment("at", required=True),
)

routing_live = Table(
    "routing_live",
    metadata,
    Column("desk", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("by", Id, nullable=False),
    moment("at", required=True),
)

# One row a desk, from its first draft on: the revision counts every change, publishing and
# discarding too, so that an old one never fits again. Without a document there is no draft.
routing_draft = Table(
    "routing_draft",
    metadata,
    Column("desk", String(64), primary_key=True),
    Column("base", Integer, nullable=False),  # the version that it began with
    Column("revision", Integer, nullable=False),
    Column("document", RuleDocument),
    Column("by", Id, nullable=False),
    moment("at", required=True),
)

routing_editor = Table(
    "routing_editor",
    metadata,
    Column("desk", String(64), primary_key=True),
    Column("rep_id", Id, ForeignKey("rep.id", ondelete="CASCADE"), primary_key=True),
    moment("at", required=True),
)

# Asked of any node, worked off by the worker; each reads its progress here (RT-13).
routing_simulation = Table(
    "routing_simulation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("desk", String(64), nullable=False),
    Column("by", Id, nullable=False),
    moment("at", required=True),
    moment("updated_at", required=True),
    Column("state", String(16), nullable=False),  # waiting, running, done, failed
    Column("done", Integer, nullable=False, server_default="0"),
    Column("of", Integer, nullable=False, server_default="0"),
    Column("request", RuleDocument, nullable=False),
    Column("result", RuleDocument),
    Index(None, "state", "at"),
    Index(None, "at"),
)

# Who owns a visitor's record, for a team without a CRM, or beside one (RT-7, RT-9).
owner = Table(
    "owner",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),  # contact, lead, account, outreach_…
    Column("key", String(254), nullable=False),  # email address, or an account's domain; lower
    Column("rep_id", Id, ForeignKey("rep.id", ondelete="SET NULL")),
    Column("rep_email", String(254), nullable=False, server_default=""),
    Column("name", String(256), nullable=False, server_default=""),  # the record's
    Column("record", String(256), nullable=False, server_default=""),
    Column("system", String(64), nullable=False, server_default=""),
    moment("updated_at", required=True),
    Index("uq_owner_kind_key", "kind", "key", unique=True),
    Index(None, "rep_id"),
)

# Custom visitor fields (VS-3).
visitor_field = Table(
    "visitor_field",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("label", String(80), nullable=False),
    Column("type", String(16), nullable=False),  # text, email, number, boolean, date, picklist
    Column("values", Document, nullable=False),  # of a picklist
    Column("sources", Document, nullable=False),  # their order; empty: the usual one
    moment("created_at", required=True),
)

# When a rep works (PR-1): `week` are seven lists of [from, to] from Monday on, `off` are dates.
working_hours = Table(
    "working_hours",
    metadata,
    Column("rep_id", Id, ForeignKey("rep.id", ondelete="CASCADE"), primary_key=True),
    Column("timezone", String(64), nullable=False),
    Column("week", Document, nullable=False),
    Column("off", Document, nullable=False),
)
