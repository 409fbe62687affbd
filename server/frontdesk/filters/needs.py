"""What one row of the index asks of one field, brought together from its literals."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from frontdesk.filters.fields import FieldType
from frontdesk.filters.operators import Op
from frontdesk.filters.rows import Literal
from frontdesk.filters.tree import Condition
from frontdesk.filters.values import fold

Ordered = int | float | date


@dataclass(slots=True)
class Need:
    """Necessary, not sufficient: what can't be said here is left to the compiled filter."""

    type: FieldType
    when_blank: bool = True
    when_set: bool = True
    among: frozenset[Any] | None = None
    not_among: frozenset[Any] = frozenset()
    low: Ordered | None = None
    high: Ordered | None = None
    low_open: bool = False
    high_open: bool = False
    start: str = ""
    end: str = ""
    search: Condition | None = None

    def add(self, literal: Literal) -> None:
        """One more literal about the same field."""
        condition, value = literal.condition, literal.condition.value
        if not literal.wanted:
            self._add_opposite(condition)
            return
        self.when_blank = False
        match condition.op:
            case Op.ONE_OF:
                self._only(self._keys(value))
            case Op.GREATER | Op.AFTER:
                self._above(value, is_open=True)
            case Op.LESS | Op.BEFORE:
                self._below(value, is_open=True)
            case Op.BETWEEN:
                low, high = value  # type: ignore[misc, str-unpack]  # a pair
                self._above(low, is_open=False)
                self._below(high, is_open=False)
            case Op.STARTS_WITH:
                self.start = max(self.start, fold(str(value)), key=len)
            case Op.ENDS_WITH:
                self.end = max(self.end, fold(str(value)), key=len)
            case Op.CONTAINS | Op.MATCHES:
                self.search = self.search or condition

    def _add_opposite(self, condition: Condition) -> None:
        if condition.op is Op.IS_SET:
            self.when_set = False
        elif condition.op is Op.ONE_OF:
            self.not_among |= self._keys(condition.value)

    def _keys(self, value: Any) -> frozenset[Any]:
        return frozenset(fold(one) if isinstance(one, str) else one for one in value)

    def _only(self, keys: frozenset[Any]) -> None:
        if self.among is None:
            self.among = keys
        elif self.type is FieldType.TEXTS:  # two of several values may hold one each
            self.among = min(self.among, keys, key=len)
        else:
            self.among &= keys

    def _above(self, value: Any, *, is_open: bool) -> None:
        if self.low is None or (value, is_open) > (self.low, self.low_open):
            self.low, self.low_open = value, is_open

    def _below(self, value: Any, *, is_open: bool) -> None:
        if self.high is None or (value, not is_open) < (self.high, not self.high_open):
            self.high, self.high_open = value, is_open

    def settle(self) -> None:
        """Once all are added: sees whether any value is left."""
        if self.among is not None:
            if self.type is not FieldType.TEXTS:
                self.among -= self.not_among
            self.when_set = self.when_set and bool(self.among)
        if self.low is not None and self.high is not None:
            is_open = self.low_open or self.high_open
            self.when_set = self.when_set and (
                self.low < self.high or (self.low == self.high and not is_open)  # type: ignore[operator]  # both of one type
            )

    @property
    def has_span(self) -> bool:
        return self.low is not None or self.high is not None

    @property
    def impossible(self) -> bool:
        return not (self.when_blank or self.when_set)
