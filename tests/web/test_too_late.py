"""The answer to a claim that lost, made without the codec."""

import msgspec

from frontdesk.errors import SENTENCES
from frontdesk.web.rep_commands import too_late
from frontdesk.wire import frames
from frontdesk.wire.codec import Codec


def test_a_lost_claim_is_answered_as_the_codec_would() -> None:
    winner = {"id": "r-1", "name": 'Zoë "Z" <Ann>', "picture": "/a.png"}
    error = frames.Error(
        id=7, code="already_claimed", message=SENTENCES["already_claimed"],
        by=frames.Person(**winner), at="2026-03-01T09:30:00.250Z",
    )  # fmt: skip
    by_hand = too_late(7, winner, 1_772_357_400_250).body(Codec.JSON)
    assert msgspec.json.decode(by_hand) == msgspec.json.decode(msgspec.json.encode(error))
