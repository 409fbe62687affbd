"""Every SQL table, declared once (SQLAlchemy Core); queries live in the stores of the rooms.

Those of routing and of erasing are in `routing_tables` and `privacy_tables`, and here by name.

Ids are text from `frontdesk.ids` (`c_…`, time-ordered). Times are integers: milliseconds since
1970 UTC, never a database type whose zone would depend on the server. Secrets are stored as the
hex SHA-256 of 256 random bits; passwords as argon2id strings. JSON columns are `jsonb` on
PostgreSQL and text on SQLite.

A change here needs a migration in `storage/migrations/versions` that the release before can still
read (expand now, contract one version later); a test compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    true,
)

from frontdesk.storage.columns import Document, Hash, Id, metadata, moment
from frontdesk.storage.privacy_tables import erased, erased_offer, erased_request, erasure
from frontdesk.storage.routing_tables import (
    owner,
    routing_draft,
    routing_editor,
    routing_live,
    routing_simulation,
    routing_version,
    visitor_field,
    working_hours,
)

__all__ = [
    "audit",
    "bearer",
    "conversation",
    "dead_event",
    "decision",
    "entry",
    "erased",
    "erased_offer",
    "erased_request",
    "erasure",
    "group_member",
    "invitation",
    "metadata",
    "offer_record",
    "owner",
    "presence_record",
    "reader",
    "rep",
    "rep_group",
    "routing_draft",
    "routing_editor",
    "routing_live",
    "routing_simulation",
    "routing_version",
    "sign_in",
    "sign_in_link",
    "throttle",
    "visitor",
    "visitor_field",
    "working_hours",
]

# --- people (US-1 … US-3) -------------------------------------------------------------------------

rep = Table(
    "rep",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),  # normalised: lower case
    Column("name", String(256), nullable=False),
    Column("picture", Text, nullable=False, server_default=""),
    Column("role", String(16), nullable=False),  # admin, manager, rep, meetings_only
    Column("password_hash", Text),  # argon2id; none: no sign-in by password
    Column("capacity", Integer, nullable=False),  # chats at once (PR-4)
    Column("active", Boolean, nullable=False, server_default=true()),
    moment("created_at", required=True),
    moment("signed_out_at"),  # sign-out everywhere: what was signed in before is void
)

rep_group = Table(
    "rep_group",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(128), nullable=False, unique=True),
)

group_member = Table(
    "group_member",
    metadata,
    Column("group_id", Id, ForeignKey("rep_group.id", ondelete="CASCADE"), primary_key=True),
    Column("rep_id", Id, ForeignKey("rep.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "rep_id"),
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("token_hash", Hash, primary_key=True),
    Column("rep_id", Id, ForeignKey("rep.id", ondelete="CASCADE"), nullable=False),
    moment("created_at", required=True),
    moment("last_seen_at", required=True),
    moment("expires_at", required=True),
    Column("address", String(64), nullable=False, server_default=""),
    Column("browser", String(256), nullable=False, server_default=""),
    Index(None, "rep_id"),
    Index(None, "expires_at"),
)

bearer = Table(
    "bearer",
    metadata,
    Column("token_hash", Hash, primary_key=True),
    Column("rep_id", Id, ForeignKey("rep.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(128), nullable=False),
    moment("created_at", required=True),
    moment("last_used_at"),
    Index(None, "rep_id"),
)

sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("token_hash", Hash, primary_key=True),
    Column("rep_id", Id, ForeignKey("rep.id", ondelete="CASCADE"), nullable=False),
    moment("created_at", required=True),
    moment("expires_at", required=True),
    Column("many", Boolean, nullable=False),  # may be used again: only in the demo company
    moment("used_at"),
)

invitation = Table(
    "invitation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_hash", Hash, nullable=False, unique=True),
    Column("email", String(254), nullable=False),
    Column("role", String(16), nullable=False),
    Column("groups", Document, nullable=False),  # list of group ids
    Column("invited_by", Id),
    moment("created_at", required=True),
    moment("expires_at", required=True),
    moment("accepted_at"),
    moment("revoked_at"),
    Index(None, "email"),
)

throttle = Table(
    "throttle",
    metadata,
    Column("key", String(80), primary_key=True),  # kind:hash of address or email
    Column("failures", Integer, nullable=False),
    moment("since", required=True),
    moment("blocked_until", required=True),
    Index(None, "blocked_until"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    moment("at", required=True),
    Column("who", Id, nullable=False),  # rep id, or "system"
    Column("what", String(64), nullable=False),  # rep.changed, group.created, …
    Column("on", String(64), nullable=False),  # id of what was changed
    Column("details", Document, nullable=False),
    Index(None, "at"),
    Index(None, "on", "at"),
)

# --- conversations: written behind the live state by the archiver (CH-3) --------------------------
# No foreign keys here: the archiver writes what the stream says, in the stream's order, and a row
# of somebody who was erased since must not stop it.

visitor = Table(
    "visitor",
    metadata,
    Column("id", Id, primary_key=True),
    moment("first_seen_at", required=True),
    moment("last_seen_at", required=True),
    Column("email", String(254)),
    Column("name", String(256)),
    Column("fields", Document, nullable=False),
    Index(None, "email"),
    Index(None, "last_seen_at"),
)

conversation = Table(
    "conversation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("desk", String(64), nullable=False),
    Column("visitor_id", Id, nullable=False),
    Column("session_id", Id, nullable=False, server_default=""),
    Column("state", String(16), nullable=False),  # requested, active, closed, missed (CH-1)
    Column("rep_id", Id),  # who holds it, or held it last
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("epoch", String(64), nullable=False),
    Column("last_offset", BigInteger, nullable=False, server_default="0"),
    Column("rev", BigInteger, nullable=False, server_default="0"),
    moment("requested_at", required=True),
    moment("claimed_at"),
    moment("ended_at"),
    Column("closed_by", String(16)),  # visitor, rep, server
    Column("why", String(32)),
    Column("email", String(254)),  # left in a missed conversation (RT-6)
    Column("about", Document, nullable=False),  # the visitor as the rep saw them
    Column("timer", String(64)),  # its entry in `due`, `kind:deadline`, for a rebuild (R3.2)
    Index(None, "desk", "requested_at", "id"),
    Index(None, "rep_id", "requested_at", "id"),
    Index(None, "state", "requested_at", "id"),
    Index(None, "visitor_id", "requested_at"),
)

entry = Table(
    "entry",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", String(64), primary_key=True),
    Column("type", String(16), nullable=False),  # message, requested, claimed, … as on the wire
    moment("at", required=True),
    Column("sender", String(16)),  # visitor, rep
    Column("rep_id", Id),
    Column("client_id", String(64)),
    Column("body", Document, nullable=False),  # the type's own fields as on the wire
)

decision = Table(
    "decision",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False),
    moment("at", required=True),
    Column("version", String(64), nullable=False),
    Column("body", Document, nullable=False),
    Index(None, "conversation_id", "at"),
    Index(None, "at"),
)

offer_record = Table(
    "offer_record",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("rep_id", Id, primary_key=True),
    moment("at", key=True),
    moment("seen_at"),
    Column("outcome", String(16)),  # none yet: ringing; claimed, declined, expired, …
    moment("ended_at"),
    Index(None, "rep_id", "at"),
    Index(None, "at"),
)

# Every change of a rep's presence, its cause, and what else was so at that moment (PR-7).
presence_record = Table(
    "presence_record",
    metadata,
    Column("rep_id", Id, primary_key=True),
    moment("at", key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # of one millisecond
    Column("state", String(16), nullable=False),  # eligible, away, idle, offline, …
    Column("cause", String(64), nullable=False, server_default=""),
    Column("availability", String(16), nullable=False),  # what the rep chose
    Column("capacity", Integer, nullable=False),
    Column("load", Integer, nullable=False),
    Column("devices", Document, nullable=False),
    Index(None, "at"),
)

# --- readers of the event streams -----------------------------------------------------------------

reader = Table(
    "reader",
    metadata,
    Column("stream", String(128), primary_key=True),
    Column("purpose", String(64), primary_key=True),
    Column("epoch", String(64), nullable=False),
    Column("at", String(64), nullable=False),  # the stream id read last
    moment("updated_at", required=True),
)

dead_event = Table(
    "dead_event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("stream", String(128), nullable=False),
    Column("event_id", String(128), nullable=False),  # epoch:stream-id (R1.7)
    Column("error", Text, nullable=False),
    Column("body", Document, nullable=False),
    moment("at", required=True),
    Index(None, "at"),
)
