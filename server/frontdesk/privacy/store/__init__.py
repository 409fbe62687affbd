"""Queries about one person's rows."""
