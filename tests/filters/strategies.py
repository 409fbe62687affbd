"""Documents, situations and nonsense, drawn so that conditions often hold."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from frontdesk.filters import OPERATORS, Field, FieldType, Registry

TIERS = ("gold", "silver", "Bronze")
REGISTRY = Registry.builtin().with_fields(
    [
        Field.custom("since", "Customer since", FieldType.DATE, example="2026-01-31"),
        Field.custom("tier", "Tier", FieldType.PICKLIST, example="gold", values=TIERS),
        Field.custom("tags", "Tags", FieldType.TEXTS, example="beta"),
    ]
)
FIELDS = [
    REGISTRY[key]
    for key in (
        *("page.path", "utm.source", "visitor.email", "page.url", "visitor.employees"),
        *("visitor.returning", "field.since", "field.tier", "field.tags"),
    )
]
PATTERNS = ("^a", "b$", "a+b", "s|/", "[0-9]{2}", "^.$", "(a|b)(a|b)")

_WORDS = ("a", "b", "ab", "aab", "/a/b", "ba", "abc", "12", "STRASSE", "straße", "é", "e\u0301")
words = st.sampled_from(_WORDS) | st.text("aAbBſsSßİi/1 é.", min_size=1, max_size=6).filter(
    str.strip
)
numbers = st.integers(-3, 6) | st.sampled_from([0.5, 2.5, 1e15, -1e15, 1000])
dates = st.integers(0, 6).map(lambda days: (date(2026, 1, 1) + timedelta(days)).isoformat())


def values(type: FieldType) -> st.SearchStrategy[Any]:
    match type:
        case FieldType.NUMBER:
            return numbers
        case FieldType.BOOLEAN:
            return st.booleans()
        case FieldType.DATE:
            return dates
        case FieldType.PICKLIST:
            return st.sampled_from([*TIERS, "GOLD", "bronze"])
        case _:
            return words


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    field = draw(st.sampled_from(FIELDS))
    op = draw(st.sampled_from(OPERATORS[field.type]))
    found: dict[str, Any] = {"field": field.key, "op": op.value}
    match op:
        case "is_blank" | "is_set":
            return found
        case "one_of" | "none_of":
            return found | {"value": draw(st.lists(values(field.type), min_size=1, max_size=4))}
        case "between":
            ends = draw(st.lists(values(field.type), min_size=2, max_size=2))
            return found | {"value": sorted(ends)}
        case "matches":
            return found | {"value": draw(st.sampled_from(PATTERNS))}
    return found | {"value": draw(values(field.type))}


def _groups(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.lists(parts, max_size=4).map(lambda found: {"all": found})
        | st.lists(parts, min_size=1, max_size=4).map(lambda found: {"any": found})
        | parts.map(lambda found: {"not": found})
    )


documents = st.recursive(conditions(), _groups, max_leaves=8)


@st.composite
def situations(draw: st.DrawFn) -> dict[str, Any]:
    """Typed, with blanks of every kind."""
    raw: dict[str, Any] = {}
    for field in FIELDS:
        each = values(field.type)
        raw[field.key] = draw(
            (st.lists(each, max_size=3) if field.type is FieldType.TEXTS else each) | st.none()
        )
    found: dict[str, Any] = dict(REGISTRY.situation(raw))
    for key in draw(st.lists(st.sampled_from([one.key for one in FIELDS]), max_size=2)):
        found[key] = draw(st.sampled_from([None, "", ()]))
    return found


_keys = st.sampled_from(["all", "any", "not", "field", "op", "value", "other", 7])
_atoms = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=10)
    | st.sampled_from([field.key for field in FIELDS])
    | st.sampled_from([op.value for ops in OPERATORS.values() for op in ops])
    | st.sampled_from(["\ud800", "\0", "(", "x" * 501, 10**400])
)
nonsense = st.recursive(
    _atoms | conditions(),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(_keys, parts, max_size=4),
    max_leaves=12,
)
"""Almost documents, and anything else."""
