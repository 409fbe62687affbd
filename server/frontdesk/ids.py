"""Identifiers: short, url-safe, ordered by time of birth; not secrets (tokens are)."""

import base64
import os
import time

_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ORDERED = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_TABLE = bytes.maketrans(_STANDARD, _ORDERED)


def new(prefix: str) -> str:
    """A fresh id: `prefix` and 16 characters (48 bits of milliseconds, 48 random bits).

    The alphabet is in ASCII order, so ids sort by time, which keeps B-trees warm.
    """
    raw = int(time.time() * 1000).to_bytes(6, "big") + os.urandom(6)
    return prefix + base64.b64encode(raw).translate(_TABLE).decode()
