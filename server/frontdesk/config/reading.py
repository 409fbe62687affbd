"""From file, environment and options to `Settings`; every mistake at once, by name.

The environment wins over the file, a command's option over both. A name that isn't a setting is
refused: a misspelt one would otherwise be without effect, and nobody would know.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import FieldInfo

from frontdesk.config.checks import check
from frontdesk.config.settings import SECRET, WITH_PASSWORD, Settings
from frontdesk.wording import wrong

PREFIX = "FRONTDESK_"
NO_FOLDER = "Expected the path of a folder"
FILE_NAME = "frontdesk.toml"
NOT_SETTINGS = frozenset({"FRONTDESK_CONFIG", "FRONTDESK_CHROMIUM"})
"""Names with our prefix that aren't settings: the path of the file, the browser of the tests."""

FIELDS: dict[str, FieldInfo] = {field.name: field for field in msgspec.structs.fields(Settings)}


class Problem(msgspec.Struct, frozen=True):
    """One mistake: where it is written (`FRONTDESK_PORT`, `port in frontdesk.toml`), and what."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class SettingsError(Exception):
    """The settings can't be used; `problems` has every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


class Source(msgspec.Struct, frozen=True):
    """Raw values by setting name, and how each is called where it was written."""

    values: dict[str, Any]
    places: dict[str, str]


def load(
    environ: Mapping[str, str] | None = None,
    *,
    file: Path | None = None,
    options: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings of this installation, or `SettingsError` with every problem.

    `file` (or `FRONTDESK_CONFIG`) must exist; without one, `frontdesk.toml` of the working folder
    is read if it is there. `options` are what a command line said, by setting name.
    """
    environ = os.environ if environ is None else environ
    problems: list[Problem] = []
    sources = [
        _from_file(_find(environ, file), problems),
        _from_environment(environ, problems),
        _from_options(options or {}),
    ]
    raw = {name: value for source in sources for name, value in source.values.items()}
    places = {name: place for source in sources for name, place in source.places.items()}
    good = _converted(raw, places, problems)
    settings = Settings(**good)
    problems += [
        Problem(places.get(name, PREFIX + name.upper()), what) for name, what in check(settings)
    ]
    if problems:
        raise SettingsError(problems)
    return settings


def _find(environ: Mapping[str, str], file: Path | None) -> Path | None:
    if file is not None:
        return file
    if named := environ.get("FRONTDESK_CONFIG"):
        return Path(named)
    here = Path(FILE_NAME)
    return here if here.is_file() else None


def _from_file(path: Path | None, problems: list[Problem]) -> Source:
    if path is None:
        return Source({}, {})
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(Problem(str(path), f"can't be read: {_reason(error)}"))
        return Source({}, {})
    problems += [
        Problem(f"{name} in {path}", f"no such setting{_suggestion(name)}")
        for name in document
        if name not in FIELDS
    ]
    known = {name: value for name, value in document.items() if name in FIELDS}
    return Source(known, {name: f"{name} in {path}" for name in known})


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _from_environment(environ: Mapping[str, str], problems: list[Problem]) -> Source:
    values: dict[str, Any] = {}
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable in NOT_SETTINGS:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in FIELDS or variable != variable.upper():
            problems.append(Problem(variable, f"no such setting{_suggestion(name, PREFIX)}"))
        elif name in {"allowed_origins", "trusted_proxies"}:
            values[name] = environ[variable].replace(",", " ").split()
        else:
            values[name] = environ[variable]
    return Source(values, {name: PREFIX + name.upper() for name in values})


def _suggestion(name: str, prefix: str = "") -> str:
    near = difflib.get_close_matches(name.lower(), FIELDS, n=1, cutoff=0.6)
    if not near:
        return "; `frontdesk check-config --all` lists them"
    return f". Did you mean {prefix + near[0].upper() if prefix else near[0]}?"


def _from_options(options: Mapping[str, Any]) -> Source:
    given = {name: value for name, value in options.items() if value is not None}
    return Source(given, {name: f"--{name.replace('_', '-')}" for name in given})


def _converted(
    raw: Mapping[str, Any], places: Mapping[str, str], problems: list[Problem]
) -> dict[str, Any]:
    good: dict[str, Any] = {}
    for name, value in raw.items():
        try:
            good[name] = msgspec.convert(value, FIELDS[name].type, strict=False, dec_hook=_path)
        except msgspec.ValidationError as error:
            problems.append(Problem(places[name], _sentence(name, value, error)))
    return good


def _path(wanted: type, value: Any) -> Any:
    if wanted is Path and isinstance(value, str | Path) and str(value):
        with suppress(RuntimeError):  # ~ of somebody who isn't there
            return Path(value).expanduser()
    raise msgspec.ValidationError(NO_FOLDER)


def _sentence(name: str, value: Any, error: msgspec.ValidationError) -> str:
    shown = "" if name in SECRET | WITH_PASSWORD else f" (it is {_shown(value)})"
    return f"expected {_expected(FIELDS[name].type, error)}{shown}"


def _shown(value: Any) -> str:
    """As it is written in the file."""
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _expected(wanted: Any, error: msgspec.ValidationError) -> str:
    if "matching regex" in str(error):
        return "small letters, digits and hyphens, at most 32, such as main-2"
    if str(error) == NO_FOLDER:
        return "the path of a folder"
    return wrong(error, wanted).wanted.partition(", not ")[0]
