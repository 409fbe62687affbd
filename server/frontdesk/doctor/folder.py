"""The data folder: ours alone, and with room."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from frontdesk.config import Settings
from frontdesk.config.checks import SHORTEST_KEY
from frontdesk.config.prepare import KEY_FILE
from frontdesk.doctor.finding import Finding, fail, ok, warn

GIB = 1 << 30


def data(settings: Settings) -> Iterator[Finding]:
    folder = settings.data.absolute()
    if not folder.exists():
        yield _to_be_made(folder)
    elif not folder.is_dir():
        yield fail("data folder", f"{folder} is no folder", "Set FRONTDESK_DATA to one.")
    elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield fail("data folder", f"{folder} can't be written", f"chown it to uid {os.getuid()}.")
    elif stat.S_IMODE(folder.stat().st_mode) & 0o077:
        what = f"others of this machine may look into {folder}"
        yield warn("data folder", what, f"chmod 700 {folder}")
    else:
        yield ok("data folder", f"{folder} is ours alone")


def _to_be_made(folder: Path) -> Finding:
    parent = next(parent for parent in folder.parents if parent.exists())
    if os.access(parent, os.W_OK | os.X_OK):
        return ok("data folder", f"{folder} will be made at the first start")
    return fail(
        "data folder",
        f"{folder} isn't there and can't be made in {parent}",
        "Make it, or set FRONTDESK_DATA to a folder that we may write.",
    )


def secret_key(settings: Settings) -> Iterator[Finding]:
    kept = settings.data / KEY_FILE
    if settings.secret_key:
        yield ok("secret key", "given by the settings")
    elif not kept.exists():
        yield ok("secret key", "will be made at the first start")
    elif stat.S_IMODE(kept.stat().st_mode) & 0o077:
        what = f"others of this machine may read {kept} and forge visitors"
        yield fail("secret key", what, f"chmod 600 {kept}, and change the key.")
    elif len(kept.read_bytes().strip()) < SHORTEST_KEY:
        what = f"{kept} is cut short: anybody could forge visitors"
        yield fail("secret key", what, "Restore it from a copy, or remove it for a new one.")
    else:
        yield ok("secret key", f"kept in {kept}")


def disk(settings: Settings) -> Iterator[Finding]:
    """A full disk stops the embedded Redis and SQLite from taking anything."""
    if settings.redis_url and settings.database_url:
        return
    folder = settings.data.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < GIB:
        what = f"{free / GIB:.1f} GiB free for Redis and SQLite"
        yield warn("disk", what, "Free some: what can't be written can't be acknowledged.")
    else:
        yield ok("disk", f"{free / GIB:.0f} GiB free")
