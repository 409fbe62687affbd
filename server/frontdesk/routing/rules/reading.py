"""Reads a document into typed values and finds every fault, where msgspec stops at the first one.

The types are msgspec Structs; a field's `Meta(description=…)` says in words what it must be.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, TypeVar, get_args, get_origin

from msgspec import NODEFAULT, DecodeError, Meta, Raw, Struct, ValidationError, convert, json
from msgspec.structs import FieldInfo, fields

from frontdesk.errors import FrontdeskError
from frontdesk.routing.faults import Fault, pointer, quoted

T = TypeVar("T", bound=Struct)


def decoded(value: Any) -> Any:
    """JSON that came undecoded (`Raw`), decoded; anything else as it is. Raises bad_request."""
    if not isinstance(value, Raw):
        return value
    try:
        return json.decode(value)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        raise FrontdeskError("bad_request", "The rules can't be read as JSON.") from None


def read_struct(kind: type[T], value: object, place: str, faults: list[Fault]) -> T | None:
    """`value` as a `kind`, or None and why not. Keys that `kind` doesn't have are faults."""
    before = len(faults)
    found = read_fields((kind,), value, place, faults)
    return kind(**found) if len(faults) == before else None


def read_fields(
    kinds: Collection[type[Struct]], value: object, place: str, faults: list[Fault]
) -> dict[str, Any]:
    """The fields of these Structs that can be read; each other one is a fault, as is any key that
    none of them has. So what depends on several fields can be looked at all the same.
    """
    if not isinstance(value, Mapping):
        faults.append(Fault(place, "invalid", f"this must be an object, not {quoted(value)}"))
        return {}
    known = [field for kind in kinds for field in fields(kind)]
    faults += unknown_keys(value, {field.encode_name for field in known}, place)
    found = {}
    for field in known:
        before = len(faults)
        read_value = _read_field(field, value, place, faults)
        if len(faults) == before:
            found[field.name] = read_value
    return found


def unknown_keys(value: Mapping[Any, Any], known: Collection[str], place: str) -> Iterator[Fault]:
    """A fault for each key that isn't known, in the document's order."""
    for key in value:
        if key not in known:
            yield Fault(pointer(place, sendable(str(key))), "unknown_key", "there is no such key")


def sendable(text: str) -> str:
    """Without half characters (lone surrogates), which JSON can spell and no encoding has."""
    return text.encode("utf-8", "backslashreplace").decode()


def read(kind: Any, value: object, place: str, faults: list[Fault]) -> Any:
    """`value` as a `kind`: a Struct, a tuple, a dict, or what msgspec converts in one go."""
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Struct):
        return read_struct(kind, value, place, faults)
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(
            read(arguments[0], one, pointer(place, i), faults) for i, one in enumerate(value)
        )
    if origin is dict and isinstance(value, Mapping):
        return {
            _read_leaf(arguments[0], key, place, faults): read(
                arguments[1], one, pointer(place, sendable(str(key))), faults
            )
            for key, one in value.items()
        }
    return _read_leaf(kind, value, place, faults)


def _read_field(field: FieldInfo, value: Mapping[Any, Any], place: str, faults: list[Fault]) -> Any:
    at = pointer(place, field.encode_name)
    if field.encode_name in value:
        return read(field.type, value[field.encode_name], at, faults)
    if field.required:
        faults.append(Fault(at, "missing", "this is missing"))
        return None
    return field.default if field.default is not NODEFAULT else field.default_factory()


def _read_leaf(kind: Any, value: object, place: str, faults: list[Fault]) -> Any:
    try:
        json.encode(found := convert(value, kind))
        return found
    except (ValidationError, UnicodeEncodeError):
        faults.append(Fault(place, "invalid", f"this must be {_meant(kind)}, not {quoted(value)}"))
        return None


_PLAIN = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


def _meant(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        for meta in get_args(kind)[1:]:
            if isinstance(meta, Meta) and meta.description:
                return meta.description
        return _meant(get_args(kind)[0])
    if get_origin(kind) in (tuple, dict):
        return "a list" if get_origin(kind) is tuple else "an object"
    if isinstance(kind, type) and hasattr(kind, "__members__"):
        return "one of " + ", ".join(str(one.value) for one in kind.__members__.values())
    return _PLAIN.get(kind, "something else")
