"""What stopped the load, and which setting of the server that is: said, never hidden."""

from collections import Counter
from dataclasses import dataclass, field

ADVICE = {
    "429": "FRONTDESK_CONNECTIONS_PER_ADDRESS (200): sockets of one address and node",
    "hello rate_limited": "FRONTDESK_HELLOS_PER_ADDRESS (1200 a minute) and "
    "FRONTDESK_HELLOS_PER_VISITOR (120): tabs that open or reconnect",
    "request rate_limited": "FRONTDESK_REQUESTS_PER_ADDRESS (60 a minute) and "
    "FRONTDESK_REQUESTS_PER_VISITOR (6): how often a person is asked for",
    "page rate_limited": "FRONTDESK_FRAME_RATE (30) and FRONTDESK_FRAME_BURST (120): frames of a "
    "socket",
    "at_capacity": "the reps' capacity (console, Team): as many chats as --lanes, or as begin "
    "while one lasts",
    "overloaded": "Redis' memory, or too much in flight: the server protects itself. That is a "
    "result",
    "unauthorized": "the reps' tokens (`frontdesk token --rep EMAIL`)",
    "never rang": "who is rung: --rung says how many reps claim a chat; other reps, rules, working "
    "hours or a full rep may keep a request from yours",
}
"""By what was met. A limit of 0 lifts it; put it back afterwards."""


@dataclass(slots=True)
class Hindrances:
    """How often what was met."""

    met: Counter[str] = field(default_factory=Counter)

    def meet(self, what: str, code: str) -> None:
        """`what` was asked (hello, request, page, claim), and refused with `code`."""
        for known in (f"{what} {code}", code):
            if known in ADVICE:
                self.met[known] += 1
                return

    def told(self) -> list[str]:
        """A sentence for each."""
        found = self.met.most_common()
        return [f"{count:,} × {what}: look at {ADVICE[what]}." for what, count in found]


def of_error(error: BaseException) -> str:
    """The code in the reason for which a socket wasn't let in; '' if there is none."""
    text = str(error)
    if "429" in text.partition("\r\n")[0]:
        return "429"
    return text.rpartition(": ")[2] if "refused: " in text else ""


def told(hindrances: Hindrances | None) -> list[str]:
    """Its sentences; none where nothing is counted."""
    return hindrances.told() if hindrances else []
