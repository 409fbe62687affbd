"""Rules and visitors of a made-up company, always the same ones, and the naive loop over them."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeAlias

Visitor: TypeAlias = dict[str, Any]
Document: TypeAlias = dict[str, Any]

FILTERS = 4
"""Of each rule, on as many of the eight fields."""

COUNTRIES = (
    *("US", "GB", "DE", "IN", "FR", "CA", "AU", "JP", "BR", "NL", "SG", "ES", "IT", "SE", "KR"),
    *("PL", "CH", "MX", "IL", "IE", "ZA", "AE", "NZ", "DK", "NO", "FI", "BE", "AT", "PT", "HK"),
)
INDUSTRIES = tuple(
    f"{kind} {what}"
    for what in ("Software", "Services", "Manufacturing", "Logistics", "Health")
    for kind in ("Financial", "Industrial", "Public", "Consumer", "Energy", "Media")
)
LANGUAGES = ("en-US", "en-GB", "de-DE", "fr-FR", "es-ES", "ja-JP", "pt-BR", "nl-NL", "sv-SE", "ko")
SECTIONS = tuple(
    f"/{area}/{what}"
    for area in ("products", "solutions", "pricing", "docs", "customers", "blog", "events", "lp")
    for what in ("start", "teams", "enterprise", "security", "api", "compare", "partners", "a", "b")
)
CAMPAIGNS = tuple(f"{name}-{year}" for year in range(2021, 2027) for name in ("google", "LinkedIn"))
DEVICES = ("desktop", "phone", "tablet")
SIZES = (10, 20, 50, 100, 200, 250, 500, 750, 1_000, 2_000, 5_000, 10_000)

POOLS: dict[str, Sequence[Any]] = {
    "location.country": COUNTRIES,
    "visitor.industry": INDUSTRIES,
    "visitor.language": LANGUAGES,
    "page.path": SECTIONS,
    "utm.source": CAMPAIGNS,
    "device.type": DEVICES,
    "visitor.employees": SIZES,
    "visitor.returning": (False, True),
}
OFTEN_BLANK = ("visitor.industry", "visitor.employees", "utm.source")


def visitor(number: int) -> Visitor:
    """The same for the same number; the first of a pool come most often."""
    random = Random(number)
    found = {field: _common(random, pool) for field, pool in POOLS.items()}
    found["visitor.employees"] += random.randrange(50)
    found["page.path"] += f"/{random.randrange(1000)}"
    for field in OFTEN_BLANK:
        if random.random() < 0.4:
            del found[field]
    return found


def rules_for(size: int, strangers: Sequence[Visitor]) -> list[Document]:
    """Rules of which none matches a stranger: those that would are drawn anew."""
    random, found = Random(size), list[Document]()
    while len(found) < size:
        rule = {"all": [_filter(random, field) for field in random.sample(list(POOLS), FILTERS)]}
        matches = naive([rule])
        if all(matches(one) is None for one in strangers):
            found.append(rule)
    return found


def visitors_with_rules(rules: Sequence[Document], count: int) -> list[Visitor]:
    """Visitors of whom each meets all filters of some rule."""
    random = Random(count)
    found = []
    for rule in random.choices(rules, k=count):
        met = {one["field"]: _meeting(one) for one in rule["all"]}
        found.append(visitor(random.randrange(10**6)) | met)
    return found


def naive(rules: Sequence[Document]) -> Callable[[Visitor], int | None]:
    """What one writes first, at its best: values are compared ready, operators are functions."""
    prepared = [
        [(one["field"], TESTS[one["op"]], _ready(one["value"])) for one in rule["all"]]
        for rule in rules
    ]

    def first(situation: Visitor) -> int | None:
        for number, conditions in enumerate(prepared):
            for field, test, wanted in conditions:
                if not test(situation.get(field), wanted):
                    break
            else:
                return number
        return None

    return first


TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, wanted: value == wanted,
    "is_not": lambda value, wanted: value != wanted,
    "one_of": lambda value, wanted: value in wanted,
    "none_of": lambda value, wanted: value not in wanted,
    "greater": lambda value, wanted: value is not None and value > wanted,
    "less": lambda value, wanted: value is not None and value < wanted,
    "between": lambda value, wanted: value is not None and wanted[0] <= value <= wanted[1],
    "starts_with": lambda value, wanted: value is not None and value.startswith(wanted),
    "contains": lambda value, wanted: value is not None and wanted in value,
}


def _common(random: Random, pool: Sequence[Any]) -> Any:
    return pool[min(random.randrange(len(pool)), random.randrange(len(pool)))]


def _filter(random: Random, field: str) -> Document:
    pool = POOLS[field]
    one = random.choice(pool)
    match field:
        case "visitor.employees":
            options = [("greater", one), ("less", one), ("between", [one, one * 3])]
        case "page.path":
            area, what = one[1:].split("/")
            options = [("starts_with", one), ("starts_with", f"/{area}"), ("contains", f"/{what}")]
        case "visitor.language":
            options = [("is", one), ("starts_with", one[:2]), ("one_of", random.sample(pool, 2))]
        case "device.type" | "visitor.returning":
            options = [("is", one)]
        case _:
            several = random.sample(pool, random.randrange(2, 8))
            options = [("is", one), ("one_of", several), ("none_of", several)]
    op, value = random.choice(options)
    return {"field": field, "op": op, "value": value}


def _meeting(one: Document) -> Any:
    value = one["value"]
    match one["op"]:
        case "one_of" | "between":
            return value[0]
        case "greater":
            return value + 1
        case "less":
            return value - 1
        case "none_of":
            return next(each for each in POOLS[one["field"]] if each not in value)
        case "contains":
            return f"/products{value}/1"
        case _:
            return value


def _ready(wanted: Any) -> Any:
    if isinstance(wanted, list) and isinstance(wanted[0], str):
        return frozenset(one.casefold() for one in wanted)
    return wanted.casefold() if isinstance(wanted, str) else wanted
