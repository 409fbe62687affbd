"""From settings to what a running server needs: the data folder, and a secret key that stays."""

import os
import secrets
from pathlib import Path

import msgspec

from frontdesk.config.checks import SHORTEST_KEY
from frontdesk.config.reading import Problem, SettingsError
from frontdesk.config.settings import Settings

KEY_FILE = "secret.key"


def prepare(settings: Settings) -> Settings:
    """The same settings with `data` made (0700) and absolute, and `secret_key` filled in.

    Raises `SettingsError` where the folder can't be made or written, or the kept key is no key.
    """
    data = settings.data.absolute()
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = settings.secret_key or _kept_key(data / KEY_FILE)
    except OSError as error:
        what = f"{data} can't be used: {error.strerror}; give a folder that we may write"
        raise SettingsError([Problem("FRONTDESK_DATA or --data", what)]) from error
    if not settings.secret_key and len(key) < SHORTEST_KEY:
        what = f"{data / KEY_FILE} is cut short; restore it from a copy, or remove it for a new one"
        raise SettingsError([Problem("FRONTDESK_SECRET_KEY", what)])
    return msgspec.structs.replace(settings, data=data, secret_key=key)


def _kept_key(path: Path) -> str:
    """The installation's own key, made at the first start. Two starts at once agree on one.

    It is written beside and linked into place, so that nobody ever reads half of it.
    """
    if not path.exists():
        beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32) + "\n")
                file.flush()
                os.fsync(file.fileno())
            _link(beside, path)
        finally:
            beside.unlink()
    return path.read_text("ascii").strip()


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        return  # another start was quicker; its key counts
