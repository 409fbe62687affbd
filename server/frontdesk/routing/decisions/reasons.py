"""Why this rep rings, in the words of the ring card (RT-12)."""

from frontdesk.routing.owners.ownership import Owned
from frontdesk.routing.rule import DEFAULT_ID, Look, Rule, Strategy

SENT = "You sent the email they came from"
PROSPECT = "You own this prospect in Outreach"
NAMED = "You were asked to take over"
_BY_STRATEGY = {
    Strategy.FIRST_AVAILABLE: "First available",
    Strategy.ROTATION: "Your turn",
    Strategy.RANDOM: "Chosen at random",
    Strategy.LEAST_BUSY: "Least busy",
}


def of_rule(rule: Rule) -> str:
    """For the targets of a rule: its name, or for the default rule how they were chosen."""
    if rule.id == DEFAULT_ID:
        return _BY_STRATEGY[rule.strategy]
    return f"Rule “{rule.name}”"


def of_owner(look: Look, owned: Owned) -> str:
    """For the owner of a record."""
    match look:
        case Look.ACCOUNT:
            return f"You own {owned.name}'s account" if owned.name else "You own their account"
        case Look.CONTACT | Look.LEAD:
            return (
                f"You own the {look.value} {owned.name}".rstrip()
                if owned.name
                else (f"You own their {look.value}")
            )
