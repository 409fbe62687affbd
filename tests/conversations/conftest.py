"""A desk and a database of one's own."""

from tests.database_fixtures import sqlite
from tests.desk_fixtures import desk

__all__ = ["desk", "sqlite"]
