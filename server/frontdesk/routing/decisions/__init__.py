"""Whom to ring, and why: made, recorded, told in words (RT-1 … RT-12)."""
