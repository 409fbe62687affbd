"""What filters can't both be: sound, and incomplete on purpose (RT-14).

`impossible` and `covers` are True only if it is certain. They look at conjunctions of what is asked
of each field: equality, lists, ranges, beginnings and ends. Patterns, and whatever takes too many
steps, count as "who knows".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from frontdesk.filters import AllOf, AnyOf, Condition, FieldType, Filter, Not, Op, Registry
from frontdesk.filters.conditions import value_test
from frontdesk.filters.operators import OPPOSITE
from frontdesk.filters.values import fold

STEPS: Final = 2_000
"""Conditions looked at for one question; each costs some microseconds."""

_TEXTUAL: Final = frozenset({Op.STARTS_WITH, Op.ENDS_WITH, Op.CONTAINS})
_ONE_TEXT: Final = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.URL, FieldType.PICKLIST})
_DAY: Final = timedelta(days=1)


def impossible(filter: Filter, registry: Registry) -> bool:
    """Whether certainly nobody matches."""
    return _Search(registry).refuted(((filter, True),))


def covers(earlier: Filter, later: Filter, registry: Registry) -> tuple[bool, int]:
    """Whether certainly everybody who matches `later` matches `earlier`; and the steps taken."""
    search = _Search(registry)
    return search.refuted(((later, True), (earlier, False))), search.steps


def look(filter: Filter, registry: Registry) -> tuple[bool, dict[str, Any] | None]:
    """Whether certainly nobody matches; else a situation that may well match (the caller asks the
    filter), if one comes to mind.
    """
    search = _Search(registry)
    if search.refuted(((filter, True),)):
        return True, None
    return False, search.found.situation() if search.found else None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of one field: conditions that hold, and conditions that don't.

    Only operators that are false for a blank field stand here, the others as their opposite. So
    what has no condition that holds is met by a blank field.
    """

    type: FieldType
    holds: tuple[Condition, ...] = ()
    fails: tuple[Condition, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether it is a single condition, which can always be met."""
        return len(self.holds) == 1 and not self.fails

    def with_one(self, condition: Condition, *, wanted: bool) -> "_Asked":
        if wanted:
            return _Asked(self.type, (*self.holds, condition), self.fails)
        return _Asked(self.type, self.holds, (*self.fails, condition))


@dataclass(frozen=True, slots=True)
class _Case:
    """What is asked of all fields in one case of a filter."""

    registry: Registry
    asked: Mapping[str, _Asked]

    def situation(self) -> dict[str, Any]:
        """A value for each field that can't be blank, if one comes to mind."""
        found = {}
        for key, one in self.asked.items():
            if one.holds and (value := self._value(one)) is not None:
                found[key] = (value,) if one.type is FieldType.TEXTS else value
        return found

    def _value(self, one: _Asked) -> Any:
        if one.alone and (values := _pinned(one)):
            return values[0]
        return next((idea for idea in _ideas(one) if _meets(idea, one, self.registry)), None)


_Todo = tuple[tuple[Filter, bool], ...]


class _Search:
    """Looks for a case that isn't contradictory. `found` is the first one, or one not looked at to
    its end.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._left = STEPS
        self.found: _Case | None = None

    @property
    def steps(self) -> int:
        """Conditions looked at so far."""
        return STEPS - self._left

    def refuted(self, todo: _Todo, asked: Mapping[str, _Asked] | None = None) -> bool:
        """Whether all of `todo` together certainly can't be."""
        asked, branches, waiting, fresh = dict(asked or {}), [], list(todo), set[str]()
        while waiting:
            filter, wanted = waiting.pop()
            match filter:
                case Condition():
                    if not self._taken(filter, asked, wanted=wanted):
                        return True
                    fresh.add(filter.field)
                case Not(part):
                    waiting.append((part, not wanted))
                case AllOf(parts) | AnyOf(parts):
                    if isinstance(filter, AllOf) is wanted:
                        waiting += [(part, wanted) for part in parts]
                    else:
                        branches.append([(part, wanted) for part in parts])
        if any(_contradictory(asked[key], self._registry) for key in fresh if key in asked):
            return True
        return self._all_refuted(branches, asked)

    def _all_refuted(
        self, branches: list[list[tuple[Filter, bool]]], asked: dict[str, _Asked]
    ) -> bool:
        if not branches or self._left <= 0:
            self.found = self.found or _Case(self._registry, asked)
            return False
        first, *others = sorted(branches, key=len)
        rest = tuple((_any_of(one), True) for one in others)
        return all(self.refuted((part, *rest), asked) for part in first)

    def _taken(self, condition: Condition, asked: dict[str, _Asked], *, wanted: bool) -> bool:
        """Notes what is asked of the field; False: that can't be of a field that is gone."""
        self._left -= 1
        if (opposite := OPPOSITE.get(condition.op)) is not None:
            condition = Condition(condition.field, opposite, condition.value)
            wanted = not wanted
        key = condition.field
        field = self._registry.get(key)
        if field is None:
            return not wanted  # always blank
        asked[key] = asked.get(key, _Asked(field.type)).with_one(condition, wanted=wanted)
        return True


def _any_of(parts: Sequence[tuple[Filter, bool]]) -> Filter:
    return AnyOf(tuple(part if wanted else Not(part) for part, wanted in parts))


def _contradictory(asked: _Asked, registry: Registry) -> bool:
    if not asked.holds or asked.alone:
        return False
    if set(asked.holds) & set(asked.fails):
        return True
    if asked.type is FieldType.TEXTS:  # several values: each condition may have one of its own
        singles = (_Asked(FieldType.TEXT, (one,), asked.fails) for one in asked.holds)
        return any(_no_value(one, registry) for one in singles)
    return _no_value(asked, registry)


def _no_value(asked: _Asked, registry: Registry) -> bool:
    """Whether certainly no single value is all that."""
    if (possible := _pinned(asked)) is not None:
        return not any(_meets(value, asked, registry) for value in possible)
    if asked.type in _ONE_TEXT:
        return _texts_conflict(asked)
    return asked.type in (FieldType.NUMBER, FieldType.DATE) and _Range.of(asked).empty


def _pinned(asked: _Asked) -> tuple[Any, ...] | None:
    """The only values that come into question, if they can be told; texts without case."""
    for one in asked.holds:
        if one.op is Op.IS:
            return (one.value,)
        if one.op is Op.ONE_OF and isinstance(one.value, tuple):
            return one.value
    return (True, False) if asked.type is FieldType.BOOLEAN else None


def _meets(value: Any, asked: _Asked, registry: Registry) -> bool:
    """Whether a value may be all that. Of patterns it isn't known: they ignore case in their own
    way, and `value` stands for all texts that equal it.
    """
    return all(_test(one, registry)(value) for one in asked.holds if one.op is not Op.MATCHES) and (
        not any(_test(one, registry)(value) for one in asked.fails if one.op is not Op.MATCHES)
    )


def _test(condition: Condition, registry: Registry) -> Callable[[Any], bool]:
    test = value_test(condition, registry)
    if registry[condition.field].type is FieldType.TEXTS:
        return lambda value: test((value,))
    return test


def _texts_conflict(asked: _Asked) -> bool:
    return any(
        _other_ends(one, other) for i, one in enumerate(asked.holds) for other in asked.holds[:i]
    ) or any(_brings(one, other) for one in asked.holds for other in asked.fails)


def _other_ends(one: Condition, other: Condition) -> bool:
    """Two beginnings, or two ends, that no text has both."""
    if one.op is not other.op or one.op not in (Op.STARTS_WITH, Op.ENDS_WITH):
        return False
    a, b = sorted((fold(str(one.value)), fold(str(other.value))), key=len)
    return not (b.startswith(a) if one.op is Op.STARTS_WITH else b.endswith(a))


def _brings(holds: Condition, fails: Condition) -> bool:
    """Whether what holds brings with it what doesn't."""
    if fails.op is Op.IS_SET:
        return True
    if holds.op not in _TEXTUAL or fails.op not in _TEXTUAL:
        return False
    part, whole = fold(str(fails.value)), fold(str(holds.value))
    if fails.op is Op.CONTAINS:
        return part in whole
    if holds.op is not fails.op:
        return False
    return whole.startswith(part) if fails.op is Op.STARTS_WITH else whole.endswith(part)


@dataclass(slots=True)
class _Range:
    """Numbers or dates from `low` to `high`; `open_low`, `open_high`: without that end."""

    low: Any = None
    high: Any = None
    open_low: bool = False
    open_high: bool = False
    empty: bool = False

    @classmethod
    def of(cls, asked: _Asked) -> "_Range":
        """What is asked of a field that isn't blank."""
        found = cls()
        for one in asked.holds:
            found._hold(one)
        for one in asked.fails:
            found._fail(one)
        found.empty = found._nothing_left() or any(map(found._filled_by, asked.fails))
        return found

    def _hold(self, one: Condition) -> None:
        match one.op, one.value:
            case ((Op.GREATER | Op.AFTER), value):
                self._from(value, without=True)
            case ((Op.LESS | Op.BEFORE), value):
                self._until(value, without=True)
            case Op.BETWEEN, (low, high):
                self._from(low, without=False)
                self._until(high, without=False)

    def _fail(self, one: Condition) -> None:
        match one.op:
            case Op.GREATER | Op.AFTER:
                self._until(one.value, without=False)
            case Op.LESS | Op.BEFORE:
                self._from(one.value, without=False)

    def _from(self, value: Any, *, without: bool) -> None:
        if self.low is None or (value, without) > (self.low, self.open_low):
            self.low, self.open_low = value, without

    def _until(self, value: Any, *, without: bool) -> None:
        if self.high is None or (value, not without) < (self.high, not self.open_high):
            self.high, self.open_high = value, without

    def _nothing_left(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return bool(
            self.low > self.high or (self.low == self.high and (self.open_low or self.open_high))
        )

    def _filled_by(self, one: Condition) -> bool:
        """Whether everything in the range is what mustn't be."""
        if one.op is Op.IS_SET:
            return True
        if self.low is None or self.high is None:
            return False
        match one.op, one.value:
            case Op.BETWEEN, (low, high):
                return bool(low <= self.low and self.high <= high)
            case Op.IS, value:
                return bool(self.low == self.high == value)
            case Op.ONE_OF, tuple() as values:
                return bool(self.low == self.high and self.low in values)
        return False


def _ideas(asked: _Asked) -> Iterator[Any]:
    """Values that might do."""
    if (possible := _pinned(asked)) is not None:
        yield from possible
    elif asked.type is FieldType.NUMBER:
        yield from _near(_Range.of(asked), 1)
    elif asked.type is FieldType.DATE:
        yield from _near(_Range.of(asked), _DAY)
    else:
        said = {op: [str(c.value) for c in asked.holds if c.op is op] for op in _TEXTUAL}
        begin = max(said[Op.STARTS_WITH], key=len, default="")
        end = max(said[Op.ENDS_WITH], key=len, default="")
        yield begin + " ".join(said[Op.CONTAINS]) + end or "x"
        yield begin + "~" + "~".join(said[Op.CONTAINS]) + "~" + end


def _near(found: _Range, step: Any) -> Iterator[Any]:
    low, high = found.low, found.high
    if low is not None:
        yield from (low, low + step)
    if high is not None:
        yield from (high, high - step)
    if low is not None and high is not None:
        yield low + (high - low) / 2
    if low is None and high is None:
        yield date(2026, 1, 1) if step is _DAY else 0
