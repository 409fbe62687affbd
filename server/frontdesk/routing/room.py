"""This room's configuration side, put together: what the HTTP interface and commands work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from frontdesk.clock import NowMs, now_ms
from frontdesk.routing.decisions.decide import RepView
from frontdesk.routing.decisions.explanations import Explanations
from frontdesk.routing.ledger.fairness import Ledger
from frontdesk.routing.owners.owners import OwnerTable
from frontdesk.routing.reps.working_hours import WorkingHours
from frontdesk.routing.rule import RuleSet
from frontdesk.routing.rules.read_rule import Readers
from frontdesk.routing.rules.rulebook import Rulebook
from frontdesk.routing.simulations.simulations import Simulations
from frontdesk.routing.simulations.trials import Trials
from frontdesk.routing.visitors.fields import VisitorFields
from frontdesk.routing.visitors.samples import Samples
from frontdesk.storage.engine import Database


async def _nobody_listens() -> None:
    """Nodes look by themselves now and then."""


def _nobody_here() -> RepView:
    return RepView((), {})


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
