"""R1.8: a verb per file, with a header, its fragments before it, known by its SHA-1."""

import hashlib
from pathlib import Path

import pytest

from frontdesk.storage.redis import script
from frontdesk.storage.redis.handshake import BOOT
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import BadScript

HEADER = "-- Does nothing.\n-- KEYS: 1 meta\n-- ARGV: 1 epoch\n-- Returns: {'ok'}\n"


@pytest.fixture
def fragments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "fragments"
    folder.mkdir()
    monkeypatch.setattr(script, "FRAGMENTS", folder)
    return folder


def write(folder: Path, text: str, name: str = "verb") -> Path:
    path = folder / f"{name}.lua"
    path.write_text(text)
    return path


def test_fragments_stand_where_they_are_included_in_their_order(
    fragments: Path, tmp_path: Path
) -> None:
    write(fragments, "local one = 1\n", "one")
    write(fragments, "local two = one + 1", "two")
    write(fragments, "local three = 3", "three")
    verb = f"-- include: one, two\n{HEADER}if two then\n-- include: three\n  return three\nend\n"
    assert script.read(write(tmp_path, verb)).source == (
        f"local one = 1\nlocal two = one + 1\n{HEADER}"
        "if two then\nlocal three = 3\n  return three\nend\n"
    )


async def test_redis_runs_a_verb_with_its_fragments(
    fragments: Path, tmp_path: Path, link: Link
) -> None:
    write(fragments, "local one = 1\n", "one")
    verb = script.read(write(tmp_path, f"-- include: one\n{HEADER}return {{'ok', one}}\n"))
    assert await link.command("EVAL", verb.source, 0) == [b"ok", 1]
    assert await link.command("SCRIPT", "EXISTS", verb.sha) == [1]


def test_the_sha_is_that_of_the_whole_source() -> None:
    assert hashlib.sha1(BOOT.source.encode()).hexdigest() == BOOT.sha  # noqa: S324 - as Redis does


@pytest.mark.parametrize("word", ["KEYS", "ARGV", "Returns"])
def test_a_verb_without_its_header_is_refused_and_the_missing_word_named(
    tmp_path: Path, word: str
) -> None:
    with pytest.raises(BadScript, match=word):
        script.read(write(tmp_path, HEADER.replace(word, "Something") + f"return 1 -- {word}\n"))


@pytest.mark.parametrize("name", ["unknown", "../boot", ""])
def test_an_unknown_fragment_is_refused(fragments: Path, tmp_path: Path, name: str) -> None:
    assert fragments.is_dir()
    with pytest.raises(BadScript, match="no fragment"):
        script.read(write(tmp_path, f"-- include: boot2, {name}\n{HEADER}return 1\n"))


def test_a_loaded_verb_is_registered_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "_registry", {})
    path = write(tmp_path, HEADER + "return {'ok'}\n")
    first = script.load(path)
    assert script.load(path) == first
    assert script.registered() == (first,)
    path.write_text(HEADER + "return {'ok', 2}\n")
    with pytest.raises(BadScript, match="another script named verb"):
        script.load(path)
