"""A filter as a function of a situation: compiled once to closures."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from frontdesk.filters.conditions import Test, value_test
from frontdesk.filters.registry import Registry, Situation
from frontdesk.filters.tree import AllOf, AnyOf, Condition, Filter, Not

Predicate: TypeAlias = Callable[[Situation], bool]


def compile(filter: Filter, registry: Registry) -> Predicate:
    """Whether a situation matches. The situation's values are typed by the same registry."""
    return Compiler(registry).predicate(filter)


class Compiler:
    """Compiles many filters; equal conditions share one closure."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[Condition, Predicate] = {}

    def predicate(self, filter: Filter) -> Predicate:
        match filter:
            case Condition():
                return self._condition(filter)
            case Not(part):
                return _opposite(self.predicate(part))
            case AllOf((part,)) | AnyOf((part,)):
                return self.predicate(part)
            case AllOf(parts):
                return _all_of([self.predicate(part) for part in parts])
            case AnyOf(parts):
                return _any_of([self.predicate(part) for part in parts])

    def _condition(self, condition: Condition) -> Predicate:
        if (known := self._known.get(condition)) is None:
            test = value_test(condition, self._registry)
            known = self._known[condition] = _of_field(condition.field, test)
        return known


def _of_field(field: str, test: Test) -> Predicate:
    return lambda situation: test(situation.get(field))


def _opposite(part: Predicate) -> Predicate:
    return lambda situation: not part(situation)


def _all_of(parts: Sequence[Predicate]) -> Predicate:
    parts = tuple(parts)

    def every(situation: Situation) -> bool:
        for part in parts:  # noqa: SIM110  # all() of a generator costs twice as much
            if not part(situation):
                return False
        return True

    return every


def _any_of(parts: Sequence[Predicate]) -> Predicate:
    parts = tuple(parts)

    def some(situation: Situation) -> bool:
        for part in parts:  # noqa: SIM110  # the same
            if part(situation):
                return True
        return False

    return some
