"""Which reps of this node ring for which conversation: what has to be taken off a screen later."""


class Rings:
    """Conversation → reps with a socket here whose ring goes on. A copy: the script decides."""

    def __init__(self) -> None:
        self._reps: dict[str, set[str]] = {}

    def __len__(self) -> int:
        return len(self._reps)

    def add(self, conversation: str, rep: str) -> None:
        """The rep is rung."""
        self._reps.setdefault(conversation, set()).add(rep)

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
