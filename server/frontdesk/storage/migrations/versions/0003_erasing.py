"""Erasing a person's data.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erased",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("erasure_id", sa.String(length=64), nullable=False),
        sa.Column("done", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_erased")),
    )
    with op.batch_alter_table("erased", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erased_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_erased_done"), ["done"], unique=False)
        batch_op.create_index(batch_op.f("ix_erased_erasure_id"), ["erasure_id"], unique=False)

    op.create_table(
        "erased_offer",
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rep_id", sa.String(length=64), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("declined", sa.Integer(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("desk", "day", "rep_id", name=op.f("pk_erased_offer")),
    )
    with op.batch_alter_table("erased_offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erased_offer_day"), ["day"], unique=False)

    op.create_table(
        "erased_request",
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("desk", "day", "rule", "region", name=op.f("pk_erased_request")),
    )
    with op.batch_alter_table("erased_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erased_request_day"), ["day"], unique=False)

    op.create_table(
        "erasure",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=254), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("rewritten_at", sa.BigInteger(), nullable=True),
        sa.Column("visitors", sa.Integer(), server_default="0", nullable=False),
        sa.Column("conversations", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_state_at"), ["state", "at"], unique=False)

    with op.batch_alter_table("visitor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visitor_last_seen_at"), ["last_seen_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("visitor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visitor_last_seen_at"))

    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erasure_state_at"))

    op.drop_table("erasure")
    with op.batch_alter_table("erased_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erased_request_day"))

    op.drop_table("erased_request")
    with op.batch_alter_table("erased_offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erased_offer_day"))

    op.drop_table("erased_offer")
    with op.batch_alter_table("erased", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erased_erasure_id"))
        batch_op.drop_index(batch_op.f("ix_erased_done"))
        batch_op.drop_index(batch_op.f("ix_erased_at"))

    op.drop_table("erased")
