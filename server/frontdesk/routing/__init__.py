"""Whom to ring, and why (RT): `decisions` is pure, `router` carries a decision out."""
