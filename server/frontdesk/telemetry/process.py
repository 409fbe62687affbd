"""What a process takes of its machine, from /proc: for its parent, who names its children."""

import os
from pathlib import Path
from typing import Final, NamedTuple

TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class Usage(NamedTuple):
    """CPU in seconds since it began, user and system; resident memory in bytes."""

    cpu_seconds: float
    resident_bytes: int


def usage(pid: int) -> Usage | None:
    """Of a process of this machine; None if there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()
    except OSError:
        return None
    return Usage((int(fields[11]) + int(fields[12])) / TICKS, int(fields[21]) * PAGE)
