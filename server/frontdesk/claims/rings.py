"""Which reps of this node ring for which conversation: what has to be taken off a screen later."""

REMEMBERED = 1000
"""Conversations whose winner is still known: a late click comes within a second or two."""


class Rings:
    """Conversation → reps with a socket here whose ring goes on, and who won what rang. A copy: the
    script decides.
    """

    def __init__(self) -> None:
        self._reps: dict[str, set[str]] = {}
        self._won: dict[str, tuple[str, int]] = {}

    def __len__(self) -> int:
        return len(self._reps)

    def add(self, conversation: str, rep: str) -> None:
        """The rep is rung; whoever won it before has let go of it."""
        self._reps.setdefault(conversation, set()).add(rep)
        self._won.pop(conversation, None)

    def remove(self, conversation: str, rep: str) -> bool:
        """This rep's ring ended. False if it didn't ring."""
        reps = self._reps.get(conversation)
        if reps is None or rep not in reps:
            return False
        reps.discard(rep)
        if not reps:
            del self._reps[conversation]
        return True

    def end(self, conversation: str) -> set[str]:
        """Every ring of the conversation ended. → who rang."""
        return self._reps.pop(conversation, set())

    def of(self, rep: str) -> set[str]:
        """The conversations that ring for a rep."""
        return {conversation for conversation, reps in self._reps.items() if rep in reps}

    def won(self, conversation: str, by: str, at: int) -> None:
        """Somebody started it, at `at` ms since 1970."""
        self._won[conversation] = (by, at)
        if len(self._won) > REMEMBERED:
            del self._won[next(iter(self._won))]

    def let_go(self, conversation: str) -> None:
        """Nobody holds it any more."""
        self._won.pop(conversation, None)

    def winner(self, conversation: str, rep: str) -> tuple[str, int] | None:
        """Who started it and when, if another than this rep did."""
        won = self._won.get(conversation)
        return won if won and won[0] != rep else None
