"""A rule document against everything that is known: its faults, or what lint says (RT-14).

`world` reads what there is, `check` is pure and takes its time: it is called in a thread.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from frontdesk.filters import Registry
from frontdesk.people.rep import Group, Rep
from frontdesk.people.roles import RIGHTS, Right
from frontdesk.people.store import reps as people
from frontdesk.routing.faults import Fault, RuleFaults
from frontdesk.routing.lint.lint import Finding, Observed, Team, lint
from frontdesk.routing.references import References
from frontdesk.routing.rules.read_rule import RuleReader
from frontdesk.routing.rules.rules import RuleSet, parse_rules
from frontdesk.routing.store import fields
from frontdesk.routing.visitors.fields import registry_of
from frontdesk.storage.engine import Connection


@dataclass(frozen=True, slots=True)
class World:
    """Fields, reps, groups; `named` are the ids that stored rules name: whoever has left since
    may stay in them, and in what is made of them. `observed`: values visitors had lately, by field.
    """

    registry: Registry
    reps: Mapping[str, Rep]
    groups: Mapping[str, Group]
    named: References
    observed: Observed = field(default_factory=dict)

    @property
    def team(self) -> Team:
        """Who there is, as lint asks."""
        takers = [
            rep.id
            for rep in self.reps.values()
            if rep.active and Right.TAKE_CHATS in RIGHTS[rep.role]
        ]
        names = {rep.id: rep.name for rep in self.reps.values()}
        names.update((group.id, group.name) for group in self.groups.values())
        members = {id: frozenset(group.members) for id, group in self.groups.items()}
        return Team(frozenset(takers), members, names)


@dataclass(frozen=True, slots=True)
class Checked:
    """`ruleset` is there if there are no faults; `more` are not told of one by one."""

    ruleset: RuleSet | None
    faults: tuple[Fault, ...]
    lint: tuple[Finding, ...]
    more: int = 0


async def world(connection: Connection, named: References) -> World:
    """Return what a document is checked against; `named` are named by the rules now in use."""
    return World(
        registry_of(await fields.all_fields(connection)),
        {rep.id: rep for rep in await people.all_reps(connection)},
        {group.id: group for group in await people.all_groups(connection)},
        named,
    )


def parse(document: object, found: World, reader: RuleReader | None = None) -> RuleSet:
    """Raises RuleFaults with every fault."""
    return parse_rules(
        document,
        found.registry,
        reps=found.named.reps | found.reps.keys(),
        groups=found.named.groups | found.groups.keys(),
        reader=reader,
    )


def check(document: object, found: World, reader: RuleReader | None = None) -> Checked:
    """Return every fault of a document; of a sound one, what lint says. `reader` remembers rules
    that were checked before: with these fields.
    """
    reader = reader or RuleReader(found.registry)
    try:
        ruleset = parse(document, found, reader)
    except RuleFaults as error:
        return Checked(None, error.faults, (), error.more)
    findings = lint(ruleset, found.registry, found.team, found.observed, known=reader.known)
    return Checked(ruleset, (), tuple(findings))
