"""Locks on files that live exactly as long as the processes that hold them (flock)."""

import fcntl
import os
from pathlib import Path


def try_lock(path: Path) -> int | None:
    """Takes the lock; gives the descriptor that holds it, or None if somebody else does.

    The lock belongs to the open file: it ends when the last process that has the descriptor closes
    it or dies, a child that inherited it included.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock now."""
    if not path.exists():
        return False
    descriptor = try_lock(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False
