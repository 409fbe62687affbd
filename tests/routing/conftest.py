"""A desk of one's own."""

from tests.desk_fixtures import desk

__all__ = ["desk"]
