"""Visitors and their sessions: one visit each, kept in slots of their own (VS)."""
