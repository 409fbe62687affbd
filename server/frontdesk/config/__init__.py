"""Every setting: one frozen value, read from `frontdesk.toml` and `FRONTDESK_…`.

`settings` declares them, `checks` says what types can't, `reading` gathers them from everywhere and
reports all mistakes at once, `prepare` turns them into what a running server needs (folder, keys).
"""

from frontdesk.config.prepare import prepare
from frontdesk.config.reading import Problem, SettingsError, load
from frontdesk.config.settings import Durability, LogFormat, LogLevel, Settings

__all__ = [
    "Durability",
    "LogFormat",
    "LogLevel",
    "Problem",
    "Settings",
    "SettingsError",
    "load",
    "prepare",
]
