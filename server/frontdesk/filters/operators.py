"""The operators of RT-2, and which types of field have which."""

from enum import StrEnum
from typing import Final

from frontdesk.filters.fields import FieldType


class Op(StrEnum):
    """An operator. All but `is_blank`, `is_not` and `none_of` are false for a blank field."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    MATCHES = "matches"
    GREATER = "greater"
    LESS = "less"
    BETWEEN = "between"
    """Both ends belong to it."""
    BEFORE = "before"
    AFTER = "after"
    IS_BLANK = "is_blank"
    IS_SET = "is_set"


OPPOSITE: Final = {Op.IS_NOT: Op.IS, Op.NONE_OF: Op.ONE_OF, Op.IS_BLANK: Op.IS_SET}
"""What each of these is the very opposite of, for a blank field too."""

TAKES_NOTHING: Final = frozenset({Op.IS_BLANK, Op.IS_SET})
TAKES_LIST: Final = frozenset({Op.ONE_OF, Op.NONE_OF})

_BLANKNESS: Final = (Op.IS_BLANK, Op.IS_SET)
_TEXT: Final = (
    *(Op.IS, Op.IS_NOT, Op.CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH),
    *(Op.ONE_OF, Op.NONE_OF, Op.MATCHES),
    *_BLANKNESS,
)
_NUMBER: Final = (
    *(Op.IS, Op.IS_NOT, Op.GREATER, Op.LESS, Op.BETWEEN, Op.ONE_OF, Op.NONE_OF),
    *_BLANKNESS,
)
OPERATORS: Final[dict[FieldType, tuple[Op, ...]]] = {
    FieldType.TEXT: _TEXT,
    FieldType.EMAIL: _TEXT,
    FieldType.URL: _TEXT,
    FieldType.TEXTS: _TEXT,
    FieldType.NUMBER: _NUMBER,
    FieldType.BOOLEAN: (Op.IS, Op.IS_NOT, *_BLANKNESS),
    FieldType.DATE: (Op.IS, Op.IS_NOT, Op.BEFORE, Op.AFTER, Op.BETWEEN, *_BLANKNESS),
    FieldType.PICKLIST: (Op.IS, Op.IS_NOT, Op.ONE_OF, Op.NONE_OF, *_BLANKNESS),
}
"""In the order in which an editor offers them."""
