"""This room's configuration side, put together: what the HTTP interface and commands work with."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Self

from frontdesk.clock import NowMs, now_ms
from frontdesk.people.rep import Rep
from frontdesk.people.roles import RIGHTS, Right
from frontdesk.presence.status import RepStatus
from frontdesk.routing.decide import Candidate, RepView
from frontdesk.routing.explanations import Explanations
from frontdesk.routing.fairness import Ledger
from frontdesk.routing.fields import VisitorFields
from frontdesk.routing.owners import OwnerTable
from frontdesk.routing.read_rule import Readers
from frontdesk.routing.rule import RuleSet
from frontdesk.routing.rulebook import Rulebook
from frontdesk.routing.samples import Samples
from frontdesk.routing.simulations import Simulations
from frontdesk.routing.trials import Trials
from frontdesk.routing.working_hours import WorkingHours
from frontdesk.storage.engine import Database


async def _nobody_listens() -> None:
    """Nodes look by themselves now and then."""


def _nobody_here() -> RepView:
    return RepView((), {})


def everybody_available(reps: Iterable[Rep]) -> RepView:
    """All who take chats, as if each of them were here with nothing to do."""
    takers = [rep for rep in reps if rep.active and Right.TAKE_CHATS in RIGHTS[rep.role]]
    return RepView(
        [Candidate(rep.id, frozenset(rep.groups)) for rep in takers],
        {rep.id: RepStatus("available", rep.capacity, 0, 0, "chosen", ("-",)) for rep in takers},
    )


@dataclass(frozen=True, slots=True)
class Routing:
    """Rule sets, fields, owners, hours, trying rules out, and what came of them."""

    rulebook: Rulebook
    fields: VisitorFields
    owners: OwnerTable
    hours: WorkingHours
    trials: Trials
    simulations: Simulations
    ledger: Ledger
    explanations: Explanations

    @classmethod
    def of(
        cls,
        database: Database,
        desk: str,
        *,
        first: RuleSet,
        now: NowMs = now_ms,
        told: Callable[[], Awaitable[None]] = _nobody_listens,
        reps: Callable[[], RepView] = _nobody_here,
    ) -> Self:
        """`first` are the rules before any were published; `told` is called after a change was
        committed, so that nodes read again; `reps` is the presence of this instant.
        """
        samples = Samples(database, desk, now=now)
        readers = Readers()
        rulebook = Rulebook(
            database, desk, first=first, samples=samples, readers=readers, now=now, told=told
        )
        fields = VisitorFields(database, desk, now=now, told=told)
        owners = OwnerTable(database, now=now)
        return cls(
            rulebook=rulebook,
            fields=fields,
            owners=owners,
            hours=WorkingHours(database, now=now, told=told),
            trials=Trials(database, samples, fields, owners, readers, now=now, reps=reps),
            simulations=Simulations(database, desk, now=now),
            ledger=Ledger(database, desk, now=now),
            explanations=Explanations(rulebook, fields),
        )
