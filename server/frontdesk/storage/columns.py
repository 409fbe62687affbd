"""What the tables are made of: the types of their columns, and how constraints are named."""

from sqlalchemy import JSON, BigInteger, Column, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(64)
Hash = String(64)
Document = JSON().with_variant(JSONB(), "postgresql")
# Written and read whole, never searched: text keeps its order and costs PostgreSQL no parsing.
RuleDocument = JSON(none_as_null=True)


def moment(name: str, *, required: bool = False, key: bool = False) -> Column[int]:
    """A time: milliseconds since 1970 UTC."""
    if key:
        return Column(name, BigInteger, primary_key=True, autoincrement=False)
    return Column(name, BigInteger, nullable=not required)
