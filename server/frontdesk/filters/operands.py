"""A condition's value in a document: checked and typed, or what is wrong with it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final, TypeAlias

from frontdesk.filters.faults import quoted, step
from frontdesk.filters.fields import Field, FieldType
from frontdesk.filters.operators import TAKES_LIST, Op
from frontdesk.filters.patterns import LONGEST_PATTERN, BadPattern, pattern_test
from frontdesk.filters.registry import Registry
from frontdesk.filters.tree import Operand
from frontdesk.filters.values import LARGEST_NUMBER, Scalar, as_number, tidy

MOST_VALUES: Final = 1_000
LONGEST_VALUE: Final = 500

Note: TypeAlias = Callable[[str, str, str], None]
"""Notes a fault: place, code, message."""


class _Wrong(Exception):
    """One value isn't what it should be."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(code, message)


class Operands:
    """Reads the values of conditions; what is wrong with one is noted, and it reads as None."""

    def __init__(self, registry: Registry, note: Note) -> None:
        self._registry = registry
        self._note = note

    def read(self, raw: object, field: Field, op: Op, place: str) -> Operand:
        """The value of any operator that takes one."""
        try:
            if op in TAKES_LIST:
                return self._list(raw, field, place)
            if op is Op.BETWEEN:
                return self._pair(raw, field, place)
            return _pattern(raw) if op is Op.MATCHES else self._one(raw, field)
        except _Wrong as wrong:
            self._note(place, wrong.code, wrong.message)
            return None

    def _list(self, raw: object, field: Field, place: str) -> Operand:
        if not isinstance(raw, list | tuple):
            raise _Wrong("wrong_type", f"a list of values is needed here, not {quoted(raw)}")
        if not raw:
            raise _Wrong("empty_list", "the list is empty: give at least one value")
        if len(raw) > MOST_VALUES:
            raise _Wrong("too_many_values", f"{len(raw):,} values: at most {MOST_VALUES:,} can be")
        return tuple(one for one in self._each(raw, field, place) if one is not None)

    def _pair(self, raw: object, field: Field, place: str) -> Operand:
        if not isinstance(raw, list | tuple) or len(raw) != 2:
            raise _Wrong("wrong_type", "two values are needed here: [lowest, highest]")
        low, high = self._each(raw, field, place)
        if low is None or high is None:
            return None
        if low > high:  # type: ignore[operator]  # both are numbers or both are dates
            raise _Wrong("wrong_order", "the lowest value comes first")
        return (low, high)

    def _each(self, raw: Sequence[object], field: Field, place: str) -> Iterator[Scalar | None]:
        for index, one in enumerate(raw):
            try:
                yield self._one(one, field)
            except _Wrong as wrong:
                self._note(step(place, index), wrong.code, wrong.message)
                yield None

    def _one(self, raw: object, field: Field) -> Scalar:
        match field.type:
            case FieldType.NUMBER:
                return _number(raw)
            case FieldType.BOOLEAN:
                return _boolean(raw)
            case FieldType.DATE:
                return _date(raw)
            case FieldType.PICKLIST if field.values:
                return self._picked(raw, field)
            case _:
                return _text(raw, LONGEST_VALUE)

    def _picked(self, raw: object, field: Field) -> str:
        spelled = self._registry.spelled(field.key, _text(raw, LONGEST_VALUE))
        if spelled is None:
            text = f"{quoted(raw)} is none of the values of {quoted(field.label)}"
            raise _Wrong("unknown_value", text)
        return spelled


def _pattern(raw: object) -> str:
    text = _text(raw, LONGEST_PATTERN)
    try:
        pattern_test(text)
    except BadPattern as fault:
        raise _Wrong("bad_pattern", f"this pattern can't be used: {fault}") from None
    return text


def _text(raw: object, longest: int) -> str:
    if not isinstance(raw, str):
        raise _Wrong("wrong_type", f"a text is needed here, not {quoted(raw)}")
    if len(raw) > longest:
        raise _Wrong("too_long", f"{len(raw):,} characters: at most {longest} can be")
    if "\0" in raw or not (raw.isascii() or _whole(raw)):
        raise _Wrong("bad_text", "this text has characters that can't be stored")
    if not (text := tidy(raw)):
        raise _Wrong("blank_value", "nothing is written here: 'is_blank' finds what is blank")
    return text


def _whole(text: str) -> bool:
    """Whether it has no half characters (lone surrogates)."""
    return not any("\ud800" <= one <= "\udfff" for one in text)


def _number(raw: object) -> int | float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise _Wrong("wrong_type", f"a number is needed here, not {quoted(raw)}")
    if (number := as_number(raw)) is None:
        raise _Wrong("out_of_range", f"numbers go from -{LARGEST_NUMBER:,} to {LARGEST_NUMBER:,}")
    return number


def _boolean(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise _Wrong("wrong_type", f"true or false is needed here, not {quoted(raw)}")
    return raw


def _date(raw: object) -> date:
    try:
        if isinstance(raw, str) and len(raw) == len("2026-01-31"):
            return date.fromisoformat(raw)
    except ValueError:
        pass
    raise _Wrong("wrong_type", f"a date such as 2026-01-31 is needed here, not {quoted(raw)}")
