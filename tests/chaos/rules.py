"""What must hold in every history. A rule yields a sentence for each violation."""

from collections.abc import Callable, Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.rules_of_claims import CLAIMS
from tests.chaos.rules_of_messages import MESSAGES
from tests.chaos.rules_of_rest import REST

Rule = Callable[[Evidence], Iterator[str]]
RULES: tuple[Rule, ...] = (*CLAIMS, *MESSAGES, *REST)


def findings(evidence: Evidence) -> list[str]:
    """Every violation of every rule, `rule: sentence`."""
    return [f"{rule.__name__}: {sentence}" for rule in RULES for sentence in rule(evidence)]
