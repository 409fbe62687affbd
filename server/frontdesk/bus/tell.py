"""A notice to every node, from whoever has one."""

from collections.abc import Sequence
from pathlib import Path

from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import load

TELL = load(Path(__file__).parent / "lua" / "tell.lua")


async def tell_all(link: Link, keys: Keys, kind: str, *words: str) -> None:
    """`kind` and `words` without spaces; this node hears it, too."""
    await link.call(TELL, (keys.inbox, keys.nodes), (_notice(kind, words),))


async def tell_some(link: Link, keys: Keys, nodes: Sequence[str], kind: str, *words: str) -> None:
    """The same to these nodes, at least one."""
    await link.call(TELL, (keys.inbox, keys.nodes), (_notice(kind, words), *nodes))


def _notice(kind: str, words: Sequence[str]) -> str:
    return " ".join((kind, *words)) + "\n"
