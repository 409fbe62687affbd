"""What one row of the index asks of one field, brought together from its literals."""

from dataclasses import dataclass
from typing import Any

from frontdesk.filters.fields import FieldType
from frontdesk.filters.operators import Op
from frontdesk.filters.rows import Literal
from frontdesk.filters.spans import EVERYTHING, Interval, beginning_with
from frontdesk.filters.tree import Condition
from frontdesk.filters.values import fold


@dataclass(slots=True)
class Need:
    """Necessary, not sufficient: what can't be said here is left to the compiled filter."""

    type: FieldType
    when_blank: bool = True
    when_set: bool = True
    among: frozenset[Any] | None = None
    not_among: frozenset[Any] = frozenset()
    span: Interval = EVERYTHING
    """Of the value, of a text folded."""
    backward: Interval = EVERYTHING
    """Of the folded text read from its end."""
    search: Condition | None = None

    def add(self, literal: Literal) -> None:
        """One more literal about the same field."""
        if literal.wanted:
            self.when_blank = False
            self._add(literal.condition.op, literal.condition.value, literal.condition)
        elif literal.condition.op is Op.IS_SET:
            self.when_set = False
        elif literal.condition.op is Op.ONE_OF:
            self.not_among |= _keys(literal.condition.value)

    def settle(self) -> None:
        """Once all are added: sees whether any value is left."""
        if self.among is not None and self.type is not FieldType.TEXTS:
            self.among -= self.not_among
        nothing_left = self.among is not None and not self.among
        if nothing_left or self.span.is_empty or self.backward.is_empty:
            self.when_set = False

    @property
    def impossible(self) -> bool:
        return not (self.when_blank or self.when_set)

    def _add(self, op: Op, value: Any, condition: Condition) -> None:
        match op:
            case Op.ONE_OF:
                self._only(_keys(value))
            case Op.GREATER | Op.AFTER:
                self.span = self.span.above(value, is_open=True)
            case Op.LESS | Op.BEFORE:
                self.span = self.span.below(value, is_open=True)
            case Op.BETWEEN:
                low, high = value
                self.span = self.span.above(low, is_open=False).below(high, is_open=False)
            case Op.STARTS_WITH:
                self.span = self._narrower(self.span, beginning_with(fold(value)))
            case Op.ENDS_WITH:
                self.backward = self._narrower(self.backward, beginning_with(fold(value)[::-1]))
            case Op.CONTAINS | Op.MATCHES:
                self.search = self.search or condition

    def _only(self, keys: frozenset[Any]) -> None:
        if self.among is None:
            self.among = keys
        elif self.type is FieldType.TEXTS:  # of several values, two may hold one each
            self.among = min(self.among, keys, key=len)
        else:
            self.among &= keys

    def _narrower(self, before: Interval, interval: Interval) -> Interval:
        if before is EVERYTHING or self.type is FieldType.TEXTS:
            return interval
        both = before.above(interval.low, is_open=False)
        return both if interval.high is None else both.below(interval.high, is_open=True)


def _keys(value: Any) -> frozenset[Any]:
    return frozenset(fold(one) if isinstance(one, str) else one for one in value)
