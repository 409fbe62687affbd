from tests.database_fixtures import database, empty_url, postgres, sqlite

__all__ = ["database", "empty_url", "postgres", "sqlite"]
