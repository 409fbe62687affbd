"""What every Lua script of the desk keeps to (R1.8)."""

import re
from pathlib import Path

import pytest

import frontdesk.app  # noqa: F401 - loads every script, as a node does
from frontdesk.storage.redis.script import FRAGMENTS, registered

SOURCE = Path(FRAGMENTS).parents[2]
SCRIPTS = sorted(path for path in SOURCE.rglob("*.lua") if path.parent != FRAGMENTS)
FRAGMENT_FILES = sorted(FRAGMENTS.glob("*.lua"))
WITHOUT_EPOCH = {"boot", "visit", "keep", "gone", "erase_visit"}
"""`boot` makes the epoch; the others live in the slots of visitors, where none guards anything."""
COMMAND_KEY = re.compile(r"\bcall\(\s*'([A-Z]+)'\s*,\s*([^,)]+(?:\[[^\]]*\])?)")
INCLUDE = re.compile(r"^-- include: (.*)", re.MULTILINE)
KEY_NAMES = re.compile(
    r"^(KEYS\[(\d+|i)\]|ev|inbox|log|ring|reps|held|due|queue|o\.(ring|reps|inbox|ev|nodes|rot|due|dev|c)|c)$"
)


def code(path: Path) -> str:
    """The script without its comments."""
    return re.sub(r"--.*", "", path.read_text(encoding="utf-8"))


def header(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    end = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return "\n".join(lines[:end])


def ids(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", [*SCRIPTS, *FRAGMENT_FILES], ids=ids)
def test_keys_are_given_never_made(path: Path) -> None:
    """The first argument of every command is a declared key, or a fragment's name for one."""
    for command, key in COMMAND_KEY.findall(code(path)):
        if command == "PUBLISH":
            continue  # a channel: no key, and a message to another node in any slot
        assert KEY_NAMES.match(key.strip()), f"{command} {key}"


@pytest.mark.parametrize("path", [*SCRIPTS, *FRAGMENT_FILES], ids=ids)
def test_what_a_script_writes_to_was_not_put_together_from_words(path: Path) -> None:
    channel = r"'PUBLISH', (inbox|KEYS\[\d+\]) \.\. ':' \.\. node"
    commands = re.sub(channel, "", code(path))  # a channel is no key
    assert not re.search(r"\bcall\(\s*'[A-Z]+'\s*,[^,()]*\.\.", commands)
    assert not re.search(r"KEYS\[\d+\]\s*\.\.", commands), "a key made from a key"


@pytest.mark.parametrize("path", SCRIPTS, ids=ids)
def test_every_key_that_is_declared_is_said_in_the_header_and_used(path: Path) -> None:
    declared = re.search(r"-- KEYS:? (.*)", header(path))
    assert declared is not None
    numbers = [int(number) for number in re.findall(r"(?:^|[ ,])(\d+) \w", declared.group(1))]
    assert numbers == list(range(1, len(numbers) + 1))
    script = next(one for one in registered() if one.name == path.stem)
    source = re.sub(r"--.*", "", script.source)
    used = {int(number) for number in re.findall(r"KEYS\[(\d+)\]", source)}
    loop = re.search(r"for i = (\d+), (\d+) do redis\.call\('[A-Z]+', KEYS\[i\]", source)
    if loop:
        used |= set(range(int(loop.group(1)), int(loop.group(2)) + 1))
    assert used == set(numbers)


@pytest.mark.parametrize("path", SCRIPTS, ids=ids)
def test_a_header_says_the_verb_and_what_it_returns(path: Path) -> None:
    told = header(path)
    assert re.search(rf"^-- {path.stem}: \w", told, re.MULTILINE) or path.stem == "boot"
    assert "Returns" in told


@pytest.mark.parametrize("path", SCRIPTS, ids=ids)
def test_every_verb_of_the_desk_is_refused_to_another_incarnation(path: Path) -> None:
    script = next(one for one in registered() if one.name == path.stem)
    assert ("if epoch ~= ARGV[1]" in script.source) == (path.stem not in WITHOUT_EPOCH)


@pytest.mark.parametrize("path", SCRIPTS, ids=ids)
def test_what_is_included_is_used(path: Path) -> None:
    included = INCLUDE.findall(path.read_text(encoding="utf-8"))
    names = [name.strip() for line in included for name in line.split(",")]
    body = code(path)
    for number, name in enumerate(names):
        if name in ("desk", "claim_lost"):
            continue  # a head: it answers by itself, or the verb goes on
        later = body + "".join(code(FRAGMENTS / f"{other}.lua") for other in names[number + 1 :])
        given = names_of(FRAGMENTS / f"{name}.lua")
        assert any(re.search(rf"\b{one}\b", later) for one in given), name


def names_of(path: Path) -> list[str]:
    """What a fragment leaves for those after it: its functions and its locals."""
    text = code(path)
    lists = re.findall(r"^local (?!function)([\w, ]+?)(?: =|$)", text, re.MULTILINE)
    functions = re.findall(r"^local function (\w+)", text, re.MULTILINE)
    return functions + [word for line in lists for word in line.split(", ")]


def test_every_fragment_is_included_somewhere_and_every_file_is_loaded() -> None:
    included = set()
    for path in SCRIPTS:
        for found in INCLUDE.findall(path.read_text(encoding="utf-8")):
            included |= {name.strip() for name in found.split(",")}
    assert included == {path.stem for path in FRAGMENT_FILES} - {"boot"}
    assert {path.stem for path in SCRIPTS} <= {script.name for script in registered()}


@pytest.mark.parametrize("path", [*SCRIPTS, *FRAGMENT_FILES], ids=ids)
def test_user_content_is_not_parsed_and_nothing_waits_or_looks_around(path: Path) -> None:
    body = code(path)
    for word in ("cjson", "'KEYS'", "'SCAN'", "'WAIT'", "loadstring", "'EVAL'"):
        assert word not in body


@pytest.mark.parametrize("path", SCRIPTS, ids=ids)
def test_an_argument_list_of_any_length_is_unpacked_in_parts(path: Path) -> None:
    """`unpack` over about 8,000 fails after the first write: half a transition (section 1)."""
    for span in re.findall(r"unpack\(([^()]*(?:\([^()]*\))?[^()]*)\)", code(path)):
        assert "#ARGV" not in span or "math.min" in span, span


def test_live_state_never_expires() -> None:
    """R3.3: an expiry is a transition without an event; only what is final and archived may go."""
    allowed = {"retire", "visit", "erase_visit"}
    for path in [*SCRIPTS, *FRAGMENT_FILES]:
        if re.search(r"'P?EXPIRE", code(path)):
            assert path.stem in allowed, path
