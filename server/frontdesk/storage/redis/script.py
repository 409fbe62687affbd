"""Lua scripts: one verb a file, read once, loaded into every Redis by the handshake (R1.2).

A line `-- include: desk, event` stands for these fragments of `storage/redis/lua`: the first line
of most verbs; further down where only one branch needs them, for what a script makes before its
first check costs Redis with every call. The header says what the verb does and names `KEYS`, `ARGV`
and `Returns`.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

FRAGMENTS = Path(__file__).parent / "lua"
_INCLUDE = re.compile(r"^-- include:\s*(.+)\n", re.MULTILINE)
_HEADER_WORDS = ("KEYS", "ARGV", "Returns")

_registry: dict[str, "Script"] = {}


class BadScript(Exception):
    """A Lua file without its header, with an unknown fragment, or with a name already taken."""


@dataclass(frozen=True, slots=True)
class Script:
    """A verb: its name (the file's), its whole source, and the SHA-1 by which Redis knows it."""

    name: str
    source: str
    sha: str


def load(path: Path) -> Script:
    """Reads a verb and registers it, so that every handshake loads it. Call it at import.

    Raises BadScript; the same file may be loaded again, another one of the same name may not.
    """
    script = read(path)
    known = _registry.setdefault(script.name, script)
    if known != script:
        raise BadScript(f"{path}: there is another script named {script.name}")
    return known


def read(path: Path) -> Script:
    """Reads a verb with its fragments, without registering it. Raises BadScript."""
    text = path.read_text(encoding="utf-8")
    _check_header(path, text)
    source = _INCLUDE.sub(lambda found: _fragments(path, found[1]), text)
    sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
    return Script(path.stem, source, sha)


def registered() -> tuple[Script, ...]:
    """Every script loaded so far, in the order of loading."""
    return tuple(_registry.values())


def _fragments(path: Path, names: str) -> str:
    return "".join(_fragment(path, name.strip()) for name in names.split(","))


def _fragment(path: Path, name: str) -> str:
    fragment = FRAGMENTS / f"{name}.lua"
    if not re.fullmatch(r"[a-z_]+", name) or not fragment.is_file():
        raise BadScript(f"{path}: there is no fragment named {name!r} in {FRAGMENTS}")
    return fragment.read_text(encoding="utf-8").rstrip("\n") + "\n"


def _check_header(path: Path, text: str) -> None:
    header = "\n".join(_leading_comment(text))
    missing = [word for word in _HEADER_WORDS if not re.search(rf"\b{word}\b", header)]
    if missing:
        raise BadScript(f"{path}: the comment at its head doesn't say {', '.join(missing)}")


def _leading_comment(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line)
    return lines
