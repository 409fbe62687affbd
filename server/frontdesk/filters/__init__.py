"""The filter language: typed fields, conditions, all/any/not, and finding the first rule that fits.

One language for rules, streams, experiences, workflows and reports (RT-2). `document` reads and
writes its stored form, `evaluate` makes a filter a function, `explanation` says what was tested
with which value, `index` finds the first of thousands that matches, `crowd` those of thousands whom
a filter matches, `words` puts it in words.
"""

from frontdesk.filters.crowd import Crowd, numbers
from frontdesk.filters.document import dump, parse, plain
from frontdesk.filters.evaluate import Predicate, compile
from frontdesk.filters.explanation import Tested, conditions, explain, holds
from frontdesk.filters.faults import Fault, FilterFaults, step
from frontdesk.filters.fields import Field, FieldType, Source
from frontdesk.filters.index import RuleIndex
from frontdesk.filters.names import name_of
from frontdesk.filters.operators import OPERATORS, TAKES_LIST, TAKES_NOTHING, Op
from frontdesk.filters.registry import Registry, Situation
from frontdesk.filters.tree import EVERYBODY, AllOf, AnyOf, Condition, Filter, Not
from frontdesk.filters.values import Value, is_blank
from frontdesk.filters.words import WORDS, say, say_field, say_filter, say_value

__all__ = [
    "EVERYBODY",
    "OPERATORS",
    "TAKES_LIST",
    "TAKES_NOTHING",
    "WORDS",
    "AllOf",
    "AnyOf",
    "Condition",
    "Crowd",
    "Fault",
    "Field",
    "FieldType",
    "Filter",
    "FilterFaults",
    "Not",
    "Op",
    "Predicate",
    "Registry",
    "RuleIndex",
    "Situation",
    "Source",
    "Tested",
    "Value",
    "compile",
    "conditions",
    "dump",
    "explain",
    "holds",
    "is_blank",
    "name_of",
    "numbers",
    "parse",
    "plain",
    "say",
    "say_field",
    "say_filter",
    "say_value",
    "step",
]
