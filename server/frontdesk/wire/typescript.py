"""TypeScript types of every message: `python -m frontdesk.wire.typescript` generates them.

The text is a function of the declarations alone: the same frames give the same bytes, so that a
test can tell when `client_js/src/protocol/frames.ts` is stale. Names are the Python ones.
"""

import ast
import inspect
import sys
import types
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Union, get_args, get_origin

from msgspec import Meta, Struct, UnsetType
from msgspec.structs import FieldInfo, fields

from frontdesk.wire import frames

HEADER = """\
/* Generated from server/frontdesk/wire/frames.py by `python -m frontdesk.wire.typescript`.
 * Don't edit: change frames.py and generate again.
 *
 * A property with `?` may be left out; then it has the default that its comment names, or nothing.
 */
"""
TARGET = Path(__file__).parents[3] / "client_js" / "src" / "protocol" / "frames.ts"
PLAIN: dict[type, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    types.NoneType: "null",
}


def generate() -> str:
    """The whole text of `frames.ts`."""
    return "\n".join([HEADER, *_declarations()])


def _declarations() -> Iterator[str]:
    """One block per struct, alias and constant class, in the order of `frames`."""
    for name, value in vars(frames).items():
        if _is_message(value):
            yield _interface(value)
        elif _is_alias(value):
            yield _alias(name, value)
    yield _close_codes()


def _is_message(value: object) -> bool:
    """A struct that travels; what only collects common fields (`Entry`, `Push`) doesn't."""
    return (
        isinstance(value, type)
        and issubclass(value, Struct)
        and value.__module__ == frames.__name__
        and not value.__subclasses__()
    )


def _is_alias(value: object) -> bool:
    """Unions, literals and maps keep their name; a string with a limit is a plain `string`."""
    return get_origin(value) in (Literal, Union, types.UnionType) or (
        get_origin(value) is Annotated and get_origin(get_args(value)[0]) is dict
    )


def _aliases() -> list[tuple[str, object]]:
    return [(name, value) for name, value in vars(frames).items() if _is_alias(value)]


# --- blocks --------------------------------------------------------------------------------------


def _interface(struct: type[Struct]) -> str:
    tag = struct.__struct_config__.tag
    lines = [*_comment(inspect.getdoc(struct) or "", ""), f"export interface {struct.__name__} {{"]
    if tag is not None:
        lines.append(f'  {struct.__struct_config__.tag_field}: "{tag}";')
    notes = _field_notes(struct)
    for one in fields(struct):
        lines += [*_comment(_field_comment(one, notes), "  "), _property(struct, one)]
    return "\n".join([*lines, "}", ""])


def _property(struct: type[Struct], one: FieldInfo) -> str:
    """A field that is left out when it has its default (or has one, on the way in) gets a `?`."""
    optional = not one.required and struct.__struct_config__.omit_defaults
    shape = _shape(one.type, optional=optional)
    return f"  {one.encode_name}{'?' if optional else ''}: {shape};"


def _alias(name: str, value: object) -> str:
    members = _members(name, value)
    one_line = f"export type {name} = {' | '.join(members)};"
    if len(one_line) <= 100:
        return f"{one_line}\n"
    return "\n".join([f"export type {name} =", *(f"  | {member}" for member in members)]) + ";\n"


def _members(name: str, value: object) -> list[str]:
    """What a union is made of; one that begins with all of another names that and the rest."""
    if get_origin(value) not in (Union, types.UnionType):
        return [_shape(value, name=name)]
    arguments = get_args(value)
    for alias, other in _aliases():
        known = get_args(other)
        if alias != name and len(known) > 1 and arguments[: len(known)] == known:
            return [alias, *map(_shape, arguments[len(known) :])]
    return [_shape(member) for member in arguments]


def _close_codes() -> str:
    codes = {name: code for name, code in vars(frames.CloseCode).items() if name.isupper()}
    return "\n".join(
        [
            *_comment(inspect.getdoc(frames.CloseCode) or "", ""),
            "export const CloseCode = {",
            *(f"  {name}: {code}," for name, code in codes.items()),
            "} as const;",
            "export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];",
            "",
        ]
    )


# --- types ---------------------------------------------------------------------------------------


def _shape(kind: object, *, name: str = "", optional: bool = False) -> str:
    """The TypeScript of an annotation; `name` is the alias being declared, if one is.

    An optional property says "nothing" by being absent, so that its `None` needs no `null`.
    """
    for alias, value in _aliases():
        if alias != name and value == kind:
            return alias
    if isinstance(kind, type) and get_origin(kind) is None:
        return PLAIN.get(kind, kind.__name__)
    return _composed(get_origin(kind), get_args(kind), optional=optional)


def _composed(origin: object, arguments: tuple[object, ...], *, optional: bool) -> str:
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in arguments)
    if origin is list:
        return f"{_shape(arguments[0])}[]"
    if origin is dict:
        return f"Record<string, {_shape(arguments[1])}>"
    if origin is Annotated:
        return _shape(arguments[0])
    dropped = {UnsetType, types.NoneType} if optional else {UnsetType}
    return " | ".join(dict.fromkeys(_shape(one) for one in arguments if one not in dropped))


# --- comments ------------------------------------------------------------------------------------


def _comment(text: str, indent: str) -> list[str]:
    lines = text.strip().splitlines()
    if not lines:
        return []
    if len(lines) == 1:
        return [f"{indent}/** {lines[0]} */"]
    return [f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"]


def _field_comment(one: FieldInfo, notes: dict[str, str]) -> str:
    """The note below a field in `frames`, its limit, and a default that isn't just nothing."""
    parts = [notes.get(one.name, ""), _limit(one.type)]
    if isinstance(one.default, bool | str | int) and one.default not in ("", None):
        shown = str(one.default).lower() if isinstance(one.default, bool) else one.default
        parts.append(f"Default: {shown}.")
    return " ".join(part for part in parts if part)


def _limit(kind: object) -> str:
    """The longest text a field takes; identifiers, which have a pattern, are chosen by programs."""
    if get_origin(kind) is not Annotated or get_origin(get_args(kind)[0]) is dict:
        return ""
    notes = [note for note in get_args(kind)[1:] if isinstance(note, Meta) and not note.pattern]
    longest = [note.max_length for note in notes if note.max_length]
    return f"At most {longest[0]} characters." if longest else ""


@cache
def _classes() -> dict[str, ast.ClassDef]:
    tree = ast.parse(inspect.getsource(frames))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _field_notes(struct: type[Struct]) -> dict[str, str]:
    """The strings that stand below fields: Python forgets them, the parser doesn't."""
    return {
        above.target.id: inspect.cleandoc(below.value.value)
        for above, below in pairwise(_classes()[struct.__name__].body)
        if isinstance(above, ast.AnnAssign)
        and isinstance(above.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }


def main(arguments: list[str]) -> None:
    """Write the types to the file named, or to their place in `client_js`."""
    target = Path(arguments[0]) if arguments else TARGET
    target.write_text(generate(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
