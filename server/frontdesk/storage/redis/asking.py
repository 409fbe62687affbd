"""A connection to the node of a cluster where a slot's keys are arriving (ASK)."""

import asyncio
from typing import TYPE_CHECKING

from frontdesk.storage.redis.pipeline import Answer, Pipeline, Slot, pack
from frontdesk.storage.redis.replicated import Replicated

ASKING = pack(("ASKING",))

if TYPE_CHECKING:
    _Connection = Pipeline
else:
    _Connection = object


class Asking(_Connection):
    """Goes before a Pipeline: while `asking`, ASKING leads each command in, in the same write."""

    asking = False

    def send(self, slot: Slot) -> None:
        if self.asking:
            super().send(leading())
        super().send(slot)


class _AskingPipeline(Asking, Pipeline):
    pass


class _AskingReplicated(Asking, Replicated):
    pass


def protocol_of(*, replicated: bool, asking: bool) -> type[Pipeline]:
    """The connection that does this."""
    if asking:
        return _AskingReplicated if replicated else _AskingPipeline
    return Replicated if replicated else Pipeline


def leading() -> Slot:
    """ASKING itself, whose answer nobody waits for; lost, it goes again before its command."""
    future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    future.add_done_callback(_ignore)
    return Slot(future, ASKING)


def _ignore(answer: asyncio.Future[Answer]) -> None:
    if not answer.cancelled():
        answer.exception()
