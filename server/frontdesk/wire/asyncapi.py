"""The AsyncAPI 3.0 document of the protocol: `python -m frontdesk.wire.asyncapi` generates it.

Made from `frames` alone, so that docs/asyncapi.json can't say anything else than the server does;
a test tells when the file is stale. The prose for people is docs/protocol.md.
"""

import inspect
import json
import sys
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from frontdesk.wire import frames
from frontdesk.wire.codec import Codec

TARGET = Path(__file__).parents[3] / "docs" / "asyncapi.json"
ABOUT = (
    "A frame is one message or a list of messages; a message is a map with `type`. A request "
    "carries `id`, and its answer the same `id`. The subprotocol chooses the codec: "
    f"`{Codec.JSON}` (text frames) or `{Codec.MSGPACK}` (binary frames). The first message is "
    "`hello`. docs/protocol.md tells it in prose, with examples."
)
SIDES: dict[str, tuple[Any, Any]] = {
    "visitor": (frames.VisitorMessage, frames.VisitorServerMessage),
    "rep": (frames.RepMessage, frames.RepServerMessage),
}
WELCOMES: dict[type, type] = {
    frames.VisitorHello: frames.VisitorWelcome,
    frames.RepHello: frames.RepWelcome,
}


def document() -> dict[str, Any]:
    """The whole document, as plain values."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Frontdesk", "version": "1", "description": ABOUT},
        "defaultContentType": "application/json",
        "servers": {
            "desk": {
                "host": "{host}",
                "protocol": "wss",
                "description": "A Frontdesk installation.",
                "variables": {"host": {"default": "localhost:8000"}},
            }
        },
        "channels": {side: _channel(side) for side in SIDES},
        "operations": {
            name: operation for side in SIDES for name, operation in _operations(side).items()
        },
        "components": _components(),
    }


def generate() -> str:
    """The document as the text of docs/asyncapi.json."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _channel(side: str) -> dict[str, Any]:
    said, heard = SIDES[side]
    return {
        "address": f"/v1/{side}",
        "description": f"The WebSocket of a {side}.",
        "messages": {
            kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"}
            for kind in (*get_args(said), *get_args(heard))
        },
        "bindings": {
            "ws": {
                "method": "GET",
                "headers": {
                    "type": "object",
                    "properties": {
                        "Sec-WebSocket-Protocol": {
                            "type": "string",
                            "enum": [one.value for one in Codec],
                        },
                    },
                },
            }
        },
    }


def _operations(side: str) -> dict[str, Any]:
    """As AsyncAPI has it, the server is who receives and sends."""
    said, heard = SIDES[side]
    receiving = {f"{side}.{_tag(kind)}": _receive(side, kind) for kind in get_args(said)}
    pushed = [one for one in get_args(heard) if not _is_answer(one)]
    pushing = {
        "action": "send",
        "channel": {"$ref": f"#/channels/{side}"},
        "summary": f"What a {side} is told without asking.",
        "messages": [_message(side, kind) for kind in pushed],
    }
    return {**receiving, f"{side}.push": pushing}


def _receive(side: str, kind: type[Struct]) -> dict[str, Any]:
    """A message that must have an `id` is always answered."""
    operation = {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{side}"},
        "summary": _summary(kind),
        "messages": [_message(side, kind)],
    }
    if any(one.name == "id" and one.required for one in fields(kind)):
        answers = [WELCOMES.get(kind, frames.Ok), frames.Error]
        operation["reply"] = {
            "channel": {"$ref": f"#/channels/{side}"},
            "messages": [_message(side, answer) for answer in answers],
        }
    return operation


def _message(side: str, kind: type) -> dict[str, str]:
    return {"$ref": f"#/channels/{side}/messages/{kind.__name__}"}


def _is_answer(kind: type) -> bool:
    return kind in (frames.Ok, *WELCOMES.values())


def _components() -> dict[str, Any]:
    kinds = list(
        dict.fromkeys(
            kind for unions in SIDES.values() for union in unions for kind in get_args(union)
        )
    )
    _, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    return {
        "messages": {
            kind.__name__: {
                "name": _tag(kind),
                "title": kind.__name__,
                "summary": _summary(kind),
                "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
            }
            for kind in kinds
        },
        "schemas": _without_discriminators(dict(sorted(schemas.items()))),
        "x-close-codes": {
            name: code for name, code in vars(frames.CloseCode).items() if name.isupper()
        },
    }


def _without_discriminators(value: Any) -> Any:
    """OpenAPI's discriminator is another thing in AsyncAPI; each message's `type` is an enum."""
    if isinstance(value, dict):
        return {
            key: _without_discriminators(one)
            for key, one in value.items()
            if key != "discriminator"
        }
    return [_without_discriminators(one) for one in value] if isinstance(value, list) else value


def _tag(kind: type[Struct]) -> str:
    return str(kind.__struct_config__.tag)


def _summary(kind: type) -> str:
    return " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())


def main(arguments: list[str]) -> None:
    """Write the document to the file named, or to its place in `docs`."""
    target = Path(arguments[0]) if arguments else TARGET
    target.write_text(generate(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
