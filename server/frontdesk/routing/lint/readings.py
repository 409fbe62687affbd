"""What was found out about filters and rules, remembered by their own bytes (RT-14).

An editor checks thousands of rules after each stroke, of which one has changed. What depends on
nothing but a rule itself and the fields there are is worked out once.
"""

import marshal
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Final, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from msgspec import Raw

from frontdesk.filters import (
    AllOf,
    AnyOf,
    Condition,
    Fault,
    Filter,
    FilterFaults,
    Not,
    Op,
    Registry,
    Situation,
    conditions,
    parse,
    step,
)
from frontdesk.filters.values import fold
from frontdesk.routing.lint.conflicts import covers, impossible, look

T = TypeVar("T")

MOST_BYTES: Final = 6 * 1024 * 1024
"""Of what is remembered, as it is written; more than the largest document. At most twice that is
kept: what wasn't asked for since is forgotten."""
MOST_PAIRS: Final = 100
"""Other filters with which a filter's comparison is remembered."""
_PLAIN: Final = 2
"""The version of `marshal` in which equal values are equal bytes. (The later ones also write which
texts are the same object.) It tells 1 from 1.0 and from true, and NaN from null; JSON doesn't."""
_MADE: Final = b"\0"
"""Begins what no JSON begins with."""


class Memory(Generic[T]):
    """What was made of pieces of documents lately."""

    def __init__(self) -> None:
        self._young: dict[bytes, T] = {}
        self._old: dict[bytes, T] = {}
        self._size = 0
        self.turns = 0
        """How often something was forgotten."""

    def get(self, piece: Any, make: Callable[[], T]) -> T:
        """What `make` returned for an equal piece, or returns now. JSON that isn't decoded yet
        (`Raw`) is its own key: it needn't be.
        """
        try:
            key = bytes(piece) if isinstance(piece, Raw) else _MADE + marshal.dumps(piece, _PLAIN)
        except ValueError:  # nothing that JSON has, or too deep
            return make()
        if (found := self._young.get(key)) is None:
            if (found := self._old.get(key)) is None:
                found = make()
            self._keep(key, found)
        return found

    def _keep(self, key: bytes, found: T) -> None:
        if self._size > MOST_BYTES:
            self._young, self._old, self._size = {}, self._young, 0
            self.turns += 1
        self._young[key] = found
        self._size += len(key)


class Compared(NamedTuple):
    """Whether one filter certainly takes all visitors of another, and in how many steps."""

    covers: bool
    steps: int


class Asked(NamedTuple):
    """A condition for certain texts, its place in the filter, and the texts as they compare."""

    place: str
    condition: Condition
    texts: frozenset[str]


class Reading:
    """A stored filter as it reads with these fields. `filter` is None if it can't be read; then
    `faults` say why, and nothing else may be asked.
    """

    def __init__(self, when: object, registry: Registry) -> None:
        self._registry = registry
        self.filter: Filter | None = None
        self.faults: tuple[Fault, ...] = ()
        try:
            self.filter = parse(when, registry)
        except FilterFaults as error:
            self.faults = error.faults

    @property
    def sound(self) -> Filter:
        """The filter, of one that can be read."""
        if self.filter is None:
            raise ValueError("this filter can't be read")
        return self.filter

    @property
    def impossible(self) -> bool:
        """Whether certainly nobody matches."""
        return self._looked[0]

    @property
    def witness(self) -> Situation | None:
        """A visitor who may well match; None: none comes to mind."""
        return self._looked[1]

    @cached_property
    def _looked(self) -> tuple[bool, Situation | None]:
        return look(self.sound, self._registry)

    @cached_property
    def everybody(self) -> bool:
        """Whether certainly every visitor matches."""
        return impossible(Not(self.sound), self._registry)

    @cached_property
    def dead(self) -> tuple[str, ...]:
        """Places of alternatives that certainly nobody matches."""
        alternatives = _alternatives(self.sound, "")
        return tuple(place for place, part in alternatives if impossible(part, self._registry))

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """Conditions that are met only by the texts they name."""
        found = (
            Asked(place, one, _texts(one))
            for place, one in conditions(self.sound)
            if one.op in (Op.IS, Op.ONE_OF)
        )
        return tuple(one for one in found if one.texts)

    def covered_by(self, earlier: "Reading") -> Compared:
        """Whether `earlier` certainly takes all visitors of this one."""
        if (known := self._compared.get(earlier)) is None:
            if len(self._compared) >= MOST_PAIRS:
                self._compared.clear()
            known = Compared(*covers(earlier.sound, self.sound, self._registry))
            self._compared[earlier] = known
        return known

    @cached_property
    def _compared(self) -> "WeakKeyDictionary[Reading, Compared]":
        return WeakKeyDictionary()

    @cached_property
    def fields(self) -> frozenset[str]:
        """All that it asks for."""
        return frozenset(_fields(self.sound))

    @cached_property
    def insists(self) -> frozenset[str]:
        """Fields that a filter must ask for too, or else this one doesn't take all its visitors."""
        filter = self.sound
        parts = filter.parts if isinstance(filter, AllOf) else (filter,)
        return frozenset(one.field for one in parts if isinstance(one, Condition))


class Same(Generic[T]):
    """What was made of an object, known by the very object it is: nobody may change it after.

    `turns` are those of the memory that the objects live in; what it forgets is forgotten here.
    """

    def __init__(self) -> None:
        self._made: dict[int, tuple[object, T]] = {}
        self._turns = 0

    def get(self, of: object, make: Callable[[], T], *, turns: int) -> T:
        """What `make` returned for this object, or returns now."""
        known = self._made.get(id(of))
        if known is not None and known[0] is of:
            return known[1]
        made = make()
        if turns != self._turns:
            self._made, self._turns = {}, turns
        self._made[id(of)] = of, made
        return made


class Filters:
    """Readings of filters, with the fields there are now."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._memory: Memory[Reading] = Memory()
        self._same: Same[Reading] = Same()

    def read(self, when: Any) -> Reading:
        """The reading of a stored filter. Nobody may change `when` after that."""
        return self._same.get(when, lambda: self._read(when), turns=self._memory.turns)

    def _read(self, when: Any) -> Reading:
        return self._memory.get(when, lambda: Reading(when, self.registry))


def _alternatives(filter: Filter, place: str) -> Iterator[tuple[str, Filter]]:
    """Each part of each `any`, with its place."""
    match filter:
        case Not(part):
            yield from _alternatives(part, step(place, "not"))
        case AllOf(parts) | AnyOf(parts):
            inside = step(place, "all" if isinstance(filter, AllOf) else "any")
            for i, part in enumerate(parts):
                if isinstance(filter, AnyOf):
                    yield step(inside, i), part
                yield from _alternatives(part, step(inside, i))


def _fields(filter: Filter) -> Iterator[str]:
    match filter:
        case Condition(field):
            yield field
        case Not(part):
            yield from _fields(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _fields(part)


def _texts(condition: Condition) -> frozenset[str]:
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    return frozenset(fold(one) for one in values if isinstance(one, str))
