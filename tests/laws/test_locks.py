"""Lock files say what, never from where: no address, and no path of a machine."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted(
    path
    for pattern in ("*.lock", "client_js/package-lock.json", "loadtest/*/package-lock.json")
    for path in ROOT.glob(pattern)
)
ADDRESS = re.compile(
    r"https?://|--(?:extra-)?index-url|--find-links|file:/|\"funding\"|(?<!\S)/\w+/"
)


def test_the_locks_are_found() -> None:
    assert len(LOCKS) == 5


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_lock_names_no_address_and_no_path(lock: Path) -> None:
    lines = lock.read_text(encoding="utf-8").splitlines()
    found = [f"{number}: {line}" for number, line in enumerate(lines, 1) if ADDRESS.search(line)]
    assert not found, "run `make lock`"
