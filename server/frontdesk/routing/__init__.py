"""Whom to ring, and why: `decide` is pure, `Router` carries a decision out (RT)."""
