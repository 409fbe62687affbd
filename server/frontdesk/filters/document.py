"""The stored form of filters: JSON, read with every fault named, and written.

A condition is `{"field": KEY, "op": OPERATOR, "value": VALUE}`; `{"all": […]}`, `{"any": […]}` and
`{"not": …}` nest them. `{"all": []}` matches everybody.
"""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, Final, cast

from frontdesk.filters.faults import MOST_FAULTS, Fault, FilterFaults, quoted, step
from frontdesk.filters.fields import Field
from frontdesk.filters.operands import Operands
from frontdesk.filters.operators import OPERATORS, TAKES_NOTHING, Op
from frontdesk.filters.registry import LONGEST_KEY, Registry
from frontdesk.filters.tree import EVERYBODY, AllOf, AnyOf, Condition, Filter, Not, Operand
from frontdesk.filters.values import Value

DEEPEST: Final = 10
"""Levels of all, any, not and conditions; a condition alone is one."""
MOST_CONDITIONS: Final = 200
MOST_GROUPS: Final = 200


class _Enough(Exception):
    """Reading further would tell nothing new."""


def parse(document: object, registry: Registry) -> Filter:
    """A filter of decoded JSON. Raises FilterFaults with every fault, and nothing else."""
    reader = _Reader(registry)
    read = reader.read(document)
    if reader.faults:
        raise FilterFaults(reader.faults)
    return read


def dump(filter: Filter) -> dict[str, Any]:
    """The stored form; `parse` gives the same filter back."""
    match filter:
        case AllOf(parts):
            return {"all": [dump(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [dump(part) for part in parts]}
        case Not(part):
            return {"not": dump(part)}
        case Condition(field, op, None):
            return {"field": field, "op": op.value}
        case Condition(field, op, value):
            return {"field": field, "op": op.value, "value": plain(value)}


def plain(value: Operand | Value) -> Any:
    """A value as JSON has it."""
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


class _Reader:
    """Reads one document. What has a fault reads as everybody; the faults decide."""

    def __init__(self, registry: Registry) -> None:
        self.faults: list[Fault] = []
        self._registry = registry
        self._operands = Operands(registry, self._note)
        self._conditions = self._groups = 0

    def read(self, document: object) -> Filter:
        try:
            return self._node(document, "", 1)
        except _Enough:
            return EVERYBODY

    def _note(self, place: str, code: str, message: str) -> None:
        self.faults.append(Fault(place, code, message))
        if len(self.faults) == MOST_FAULTS:
            raise _Enough

    def _node(self, raw: object, place: str, depth: int) -> Filter:
        if type(raw) is not dict and not isinstance(raw, Mapping):  # the first is much quicker
            text = f"a condition, 'all', 'any' or 'not' is needed here, not {quoted(raw)}"
            return self._wrong(place, "not_an_object", text)
        if depth > DEEPEST:
            return self._wrong(place, "too_deep", f"at most {DEEPEST} levels are possible")
        kinds = [kind for kind in ("all", "any", "not", "field") if kind in raw]
        if len(kinds) != 1:
            text = "exactly one of 'all', 'any', 'not' and 'field' is needed here"
            return self._wrong(place, "unknown_shape", text)
        [kind] = kinds
        self._members(raw, {"field", "op", "value"} if kind == "field" else {kind}, place)
        self._count(kind, place)
        if kind == "field":
            return self._condition(raw, place)
        inside = f"{place}/{kind}"
        if kind == "not":
            return Not(self._node(raw[kind], inside, depth + 1))
        return self._group(raw[kind], kind, inside, depth)

    def _group(self, raw: object, kind: str, place: str, depth: int) -> Filter:
        if not isinstance(raw, list | tuple):
            return self._wrong(place, "not_a_list", f"{quoted(kind)} needs a list")
        if kind == "any" and not raw:
            text = "'any' of nothing matches nobody: add a condition, or remove it"
            return self._wrong(place, "empty_any", text)
        parts = [self._node(one, f"{place}/{index}", depth + 1) for index, one in enumerate(raw)]
        return AllOf(tuple(parts)) if kind == "all" else AnyOf(tuple(parts))

    def _members(self, raw: Mapping[Any, object], known: set[str], place: str) -> None:
        for member in raw:
            if member not in known:
                text = f"{quoted(member)} is not known here"
                self._note(step(place, member), "unknown_member", text)

    def _count(self, kind: str, place: str) -> None:
        """Stops reading when there are too many: the rest would only repeat that."""
        self._conditions += kind == "field"
        self._groups += kind != "field"
        if self._conditions > MOST_CONDITIONS:
            text = f"at most {MOST_CONDITIONS} conditions are possible"
        elif self._groups > MOST_GROUPS:
            text = f"at most {MOST_GROUPS} groups are possible"
        else:
            return
        self._note(place, "too_many", text)
        raise _Enough

    def _condition(self, raw: Mapping[Any, object], place: str) -> Filter:
        field = self._field(raw["field"], f"{place}/field")
        op = self._op(raw.get("op"), field, f"{place}/op")
        if field is None or op is None:
            return EVERYBODY
        where = f"{place}/value"
        if op in TAKES_NOTHING:
            if raw.get("value") is not None:
                self._note(where, "unexpected_value", f"{quoted(op.value)} takes no value")
            return Condition(field.key, op)
        if raw.get("value") is None:
            return self._wrong(where, "missing_value", f"{quoted(op.value)} needs a value")
        return Condition(field.key, op, self._operands.read(raw["value"], field, op, where))

    def _field(self, raw: object, place: str) -> Field | None:
        if isinstance(raw, str) and (field := self._registry.get(raw)):
            return field
        text = f"there is no field {quoted(raw)}"
        if isinstance(raw, str) and len(raw) <= LONGEST_KEY:
            near = get_close_matches(raw, [one.key for one in self._registry], n=1)
            text += "".join(f"; is {quoted(key)} meant?" for key in near)
        self._note(place, "unknown_field", text)
        return None

    def _op(self, raw: object, field: Field | None, place: str) -> Op | None:
        if raw is None:
            self._note(place, "missing_op", "an operator is needed here")
            return None
        try:
            op = Op(cast(str, raw))
        except ValueError:
            self._note(place, "unknown_op", f"there is no operator {quoted(raw)}")
            return None
        if field is None or op in OPERATORS[field.type]:
            return op
        able = ", ".join(OPERATORS[field.type])
        text = f"{quoted(field.label)} is a {field.type}: {quoted(raw)} can't be used, try {able}"
        self._note(place, "wrong_op", text)
        return None

    def _wrong(self, place: str, code: str, message: str) -> Filter:
        self._note(place, code, message)
        return EVERYBODY
