"""The TypeScript types follow the frames."""

import msgspec
import pytest

from frontdesk.wire import frames, typescript


def test_the_committed_types_are_the_ones_that_the_frames_give() -> None:
    committed = typescript.TARGET.read_text(encoding="utf-8")
    assert committed == typescript.generate(), "stale: run python -m frontdesk.wire.typescript"


def test_the_same_frames_give_the_same_text() -> None:
    assert typescript.generate() == typescript.generate()


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, value in vars(frames).items()
        if isinstance(value, type)
        and issubclass(value, msgspec.Struct)
        and value.__struct_config__.tag
        and value not in (frames.Request, frames.Push, frames.Entry)
    ],
)
def test_every_message_has_an_interface_with_its_tag(name: str) -> None:
    tag = getattr(frames, name).__struct_config__.tag
    assert f'export interface {name} {{\n  type: "{tag}";\n' in typescript.generate()


def test_what_may_be_left_out_is_optional_and_what_may_not_is_required() -> None:
    text = typescript.generate()
    claimed = text.split("export interface Claimed {")[1].split("}")[0]
    assert "  rep: Person;" in claimed
    offer = text.split("export interface Offer {")[1].split("}")[0]
    assert "  by?: Person;" in offer
    assert "  visitor: About;" in offer


def test_a_field_has_its_name_on_the_wire() -> None:
    message = typescript.generate().split("export interface Message {")[1].split("}")[0]
    assert '  from: "visitor" | "rep";' in message
    assert "sender" not in message


def test_a_union_that_extends_another_names_it() -> None:
    assert "export type RepServerMessage = ServerMessage | RepWelcome;" in typescript.generate()


def test_close_codes_are_constants() -> None:
    assert f"  SIGNED_OUT: {frames.CloseCode.SIGNED_OUT}," in typescript.generate()
