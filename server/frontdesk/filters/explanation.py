"""What was tested with which value, and whether it held: for decisions and trying (RT-12)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from frontdesk.filters.conditions import value_test
from frontdesk.filters.faults import step
from frontdesk.filters.operators import Op
from frontdesk.filters.registry import Registry, Situation
from frontdesk.filters.tree import AllOf, AnyOf, Condition, Filter, Not, Operand
from frontdesk.filters.values import Value, is_blank


@dataclass(frozen=True, slots=True)
class Tested:
    """One condition. `actual` is None if the field was blank; `place` points into the document."""

    place: str
    field: str
    op: Op
    expected: Operand
    actual: Value | None
    matched: bool


def explain(filter: Filter, situation: Situation, registry: Registry) -> tuple[Tested, ...]:
    """Every condition in the document's order, also those that a decision needn't look at."""
    return tuple(_tested(one, place, situation, registry) for place, one in conditions(filter))


def holds(filter: Filter, tested: Sequence[Tested]) -> bool:
    """The outcome that all of `explain`'s answers for this filter make together."""
    return _holds(filter, iter([one.matched for one in tested]))


def conditions(filter: Filter, place: str = "") -> Iterator[tuple[str, Condition]]:
    """All conditions of a filter, each with its place in the document, which begins at `place`."""
    match filter:
        case Condition():
            yield place, filter
        case Not(part):
            yield from conditions(part, step(place, "not"))
        case AllOf(parts) | AnyOf(parts):
            inside = step(place, "all" if isinstance(filter, AllOf) else "any")
            for index, part in enumerate(parts):
                yield from conditions(part, step(inside, index))


def _tested(condition: Condition, place: str, situation: Situation, registry: Registry) -> Tested:
    actual = situation.get(condition.field)
    return Tested(
        place=place,
        field=condition.field,
        op=condition.op,
        expected=condition.value,
        actual=None if is_blank(actual) else actual,
        matched=value_test(condition, registry)(actual),
    )


def _holds(filter: Filter, answers: Iterator[bool]) -> bool:
    match filter:
        case Condition():
            return next(answers)
        case Not(part):
            return not _holds(part, answers)
        case AllOf(parts):
            outcomes = [_holds(part, answers) for part in parts]  # a list: all answers are taken
            return all(outcomes)
        case AnyOf(parts):
            outcomes = [_holds(part, answers) for part in parts]
            return any(outcomes)
