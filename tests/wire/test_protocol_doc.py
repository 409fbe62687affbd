"""What docs/protocol.md tells a stranger is what the server declares."""

import asyncio
import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve

from frontdesk.errors import SENTENCES, TEMPORARY
from frontdesk.wire import frames
from frontdesk.wire.codec import Codec

DOC = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```text\n(.*?)^```", DOC, re.MULTILINE | re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines()]


def decoded(line: str) -> None:
    """Read a line of an example as the server or a client would, by its side's declarations."""
    arrow, payload = line[0], line[2:]
    unions: list[Any] = (
        [frames.VisitorMessage, frames.RepMessage]
        if arrow == "→"
        else [frames.VisitorServerMessage, frames.RepServerMessage]
    )
    refusals = []
    for union in unions:
        kinds: Any = union | list[union]  # type: ignore[valid-type]  # made when it runs
        try:
            msgspec.json.decode(payload, type=kinds)
        except msgspec.ValidationError as refusal:
            refusals.append(str(refusal))
        else:
            return
    raise AssertionError(f"{refusals}: {payload}")


@pytest.mark.parametrize("line", LINES)
def test_every_example_is_a_message_of_the_protocol(line: str) -> None:
    decoded(line)


def test_no_example_has_a_field_that_is_not_declared() -> None:
    known = set(re.findall(r"\b[a-z_]+\b", Path(str(frames.__file__)).read_text(encoding="utf-8")))
    named = {name for line in LINES for name in re.findall(r'"([a-z_]+)":', line)}
    assert named <= known | {"c_1"}


def test_every_error_code_is_explained_and_says_whether_to_retry() -> None:
    table = DOC.split("## Errors")[1].split("## Close codes")[0]
    rows = [row.split("|") for row in table.splitlines() if row.startswith("| `")]
    explained = {
        code: row[2].strip() == "yes" for row in rows for code in re.findall(r"`(\w+)`", row[1])
    }
    assert explained == {code: code in TEMPORARY for code in SENTENCES}


def test_every_close_code_is_listed() -> None:
    table = DOC.split("## Close codes")[1].split("## Limits")[0]
    listed = {int(code) for code in re.findall(r"^\| (4\d\d\d)", table, re.MULTILINE)}
    assert listed == {code for name, code in vars(frames.CloseCode).items() if name.isupper()}


def test_every_message_of_both_sides_is_named() -> None:
    unions = [
        frames.VisitorMessage,
        frames.RepMessage,
        frames.VisitorServerMessage,
        frames.RepServerMessage,
    ]
    tags = {kind.__struct_config__.tag for union in unions for kind in union.__args__}
    assert [tag for tag in tags if f"`{tag}`" not in DOC] == []


# --- the bot --------------------------------------------------------------------------------------


@pytest.fixture
def bot(tmp_path: Path) -> ModuleType:
    """The example in Python, as a stranger would save it."""
    [source] = re.findall(r"^```python\n(.*?)^```", DOC, re.MULTILINE | re.DOTALL)
    (tmp_path / "bot.py").write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("bot", tmp_path / "bot.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Desk:
    """A server by hand: welcomes a rep, rings them, and is a visitor who says one thing."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.rep = frames.Person(id="r_1", name="Bot")
        claimed = frames.Claimed(
            conversation="c_1", epoch="E", offset=1, at="t", rep=self.rep, fence=4
        )
        self.held = frames.Conversation(
            id="c_1", state="active", epoch="E", offset=1, at="t", entries=[claimed], fence=4
        )

    async def serve(self, socket: ServerConnection) -> None:
        async for payload in socket:
            found = msgspec.json.decode(payload, type=list[frames.RepMessage] | frames.RepMessage)
            for message in found if isinstance(found, list) else [found]:
                for answer in self.answers(message):
                    await socket.send(msgspec.json.encode(answer).decode())
            if len(self.said) == 2:
                await socket.close(frames.CloseCode.SIGNED_OUT)

    def answers(self, message: msgspec.Struct) -> list[msgspec.Struct]:
        match message:
            case frames.RepHello(id=number):
                return [self.welcome(number)]
            case frames.SetAvailability(id=number):
                return [frames.Ok(id=number, state="available"), self.offer()]
            case frames.Claim(id=number):
                return [frames.Ok(id=number, fence=4, conversation=self.held)]
            case frames.SendMessage(id=number, text=text, fence=fence):
                assert fence == 4
                self.said.append(text)
                offset = 2 * len(self.said)
                said = frames.Ok(id=number, epoch="E", offset=offset, at="t")
                return [said, self.visitor_says("echo!", offset + 1)]
        raise AssertionError(f"the bot has no business to say {message}")

    def welcome(self, number: int) -> frames.RepWelcome:
        snapshot = frames.RepSnapshot(
            availability="away", capacity=3, offers=[], conversations=[], presence=[]
        )
        return frames.RepWelcome(
            id=number, rep=self.rep, role="rep", device="bot-1", snapshot=snapshot
        )

    def offer(self) -> frames.Offer:
        return frames.Offer(
            conversation="c_1",
            visitor=frames.About(id="v"),
            reason="First available",
            requested_at="t",
            expires_at="t",
        )

    def visitor_says(self, text: str, offset: int) -> frames.Message:
        return frames.Message(
            conversation="c_1", epoch="E", offset=offset, at="t", sender="visitor", text=text
        )


async def test_the_bot_of_the_document_claims_greets_and_repeats(bot: ModuleType) -> None:
    desk = Desk()
    async with serve(desk.serve, "127.0.0.1", 0, subprotocols=[Codec.JSON.value]) as server:  # type: ignore[list-item]  # a NewType of str
        port = next(iter(server.sockets)).getsockname()[1]
        async with asyncio.timeout(60):
            await bot.main(f"ws://127.0.0.1:{port}", "fdb_token")
    assert desk.said == ["Hello, I repeat what you say.", "echo!"]
