"""Routing rules, owners, working hours, presence.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "presence_record",
        sa.Column("rep_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=64), server_default="", nullable=False),
        sa.Column("availability", sa.String(length=16), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("devices", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("rep_id", "at", "seq", name=op.f("pk_presence_record")),
    )
    with op.batch_alter_table("presence_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_presence_record_at"), ["at"], unique=False)

    op.create_table(
        "routing_draft",
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("desk", name=op.f("pk_routing_draft")),
    )
    op.create_table(
        "routing_live",
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("desk", name=op.f("pk_routing_live")),
    )
    op.create_table(
        "routing_simulation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("of", sa.Integer(), server_default="0", nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_simulation")),
    )
    with op.batch_alter_table("routing_simulation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_routing_simulation_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_routing_simulation_state_at"), ["state", "at"], unique=False
        )

    op.create_table(
        "routing_version",
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("desk", "number", name=op.f("pk_routing_version")),
    )
    op.create_table(
        "visitor_field",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("values", DOCUMENT, nullable=False),
        sa.Column("sources", DOCUMENT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_visitor_field")),
    )
    op.create_table(
        "owner",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=254), nullable=False),
        sa.Column("rep_id", sa.String(length=64), nullable=True),
        sa.Column("rep_email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("name", sa.String(length=256), server_default="", nullable=False),
        sa.Column("record", sa.String(length=256), server_default="", nullable=False),
        sa.Column("system", sa.String(length=64), server_default="", nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rep_id"], ["rep.id"], name=op.f("fk_owner_rep_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner")),
    )
    with op.batch_alter_table("owner", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_owner_rep_id"), ["rep_id"], unique=False)
        batch_op.create_index("uq_owner_kind_key", ["kind", "key"], unique=True)

    op.create_table(
        "routing_editor",
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("rep_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rep_id"], ["rep.id"], name=op.f("fk_routing_editor_rep_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("desk", "rep_id", name=op.f("pk_routing_editor")),
    )
    op.create_table(
        "working_hours",
        sa.Column("rep_id", sa.String(length=64), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("week", DOCUMENT, nullable=False),
        sa.Column("off", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["rep_id"], ["rep.id"], name=op.f("fk_working_hours_rep_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("rep_id", name=op.f("pk_working_hours")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_at"), ["at"], unique=False)

    with op.batch_alter_table("offer_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_record_at"), ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("offer_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_record_at"))

    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_at"))

    op.drop_table("working_hours")
    op.drop_table("routing_editor")
    with op.batch_alter_table("owner", schema=None) as batch_op:
        batch_op.drop_index("uq_owner_kind_key")
        batch_op.drop_index(batch_op.f("ix_owner_rep_id"))

    op.drop_table("owner")
    op.drop_table("visitor_field")
    op.drop_table("routing_version")
    with op.batch_alter_table("routing_simulation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_routing_simulation_state_at"))
        batch_op.drop_index(batch_op.f("ix_routing_simulation_at"))

    op.drop_table("routing_simulation")
    op.drop_table("routing_live")
    op.drop_table("routing_draft")
    with op.batch_alter_table("presence_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_presence_record_at"))

    op.drop_table("presence_record")
