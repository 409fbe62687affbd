"""The machine: Python, limits of the kernel, the clock, and whether the client was built."""

import ctypes
import platform
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from frontdesk.config import Settings
from frontdesk.doctor.finding import Finding, fail, ok, warn

PYTHONS = ((3, 11), (3, 12))
FEW_FILES, ENOUGH_FILES = 4096, 65_536
BACKLOG = 1024
STATIC = Path(__file__).parents[1] / "static"
BUILT = ("widget/loader.js", "console/index.html")
SOMAXCONN = Path("/proc/sys/net/core/somaxconn")
TIME_ERROR = 5  # what adjtimex(2) answers while nothing keeps the clock right
TIMEX_BYTES = 512  # struct timex has 208 on 64 bits; room for more


def python(_settings: Settings) -> Iterator[Finding]:
    found = f"{platform.python_implementation()} {platform.python_version()}"
    if sys.version_info[:2] in PYTHONS and sys.implementation.name == "cpython":
        yield ok("Python", found)
    else:
        yield warn("Python", f"{found} isn't tried", "Use CPython 3.11 or 3.12.")


def open_files(settings: Settings) -> Iterator[Finding]:
    """Each socket is a file; a node raises its own limit to the hard one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard >= ENOUGH_FILES:
        yield ok("open files", f"a node may hold {'any number' if hard < 0 else hard}")
        return
    advice = f"Set LimitNOFILE={ENOUGH_FILES} (systemd) or --ulimit nofile={ENOUGH_FILES} (Docker)."
    what = f"a node may hold {hard} sockets and files, {settings.workers} node(s) that many each"
    yield (fail if hard < FEW_FILES else warn)("open files", what, advice)


def backlog(_settings: Settings) -> Iterator[Finding]:
    """While a node starts again, connects wait in a queue of the kernel."""
    if not SOMAXCONN.exists():
        return
    length = int(SOMAXCONN.read_text())
    if length >= BACKLOG:
        yield ok("waiting connects", f"{length} can wait while a node starts again")
    else:
        yield warn(
            "waiting connects",
            f"only {length} can wait while a node starts again",
            "sysctl -w net.core.somaxconn=4096",
        )


def clock(_settings: Settings) -> Iterator[Finding]:
    now = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    if _kept_right():
        yield ok("clock", now)
    else:
        yield warn(
            "clock",
            f"{now}, and the kernel says that nothing keeps it right",
            "Run chrony or systemd-timesyncd. Times in transcripts come from this clock.",
        )


def _kept_right() -> bool:
    """Whether the kernel says so; True where it can't be asked."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (OSError, AttributeError):
        return True
    return bool(state != TIME_ERROR)


def static_files(_settings: Settings) -> Iterator[Finding]:
    missing = [name for name in BUILT if not (STATIC / name).is_file()]
    if missing:
        what = f"not built: {', '.join(missing)}"
        yield fail("static files", what, "Run `make build` (needs Node 20), or install a release.")
    else:
        yield ok("static files", "widget and console are built")
