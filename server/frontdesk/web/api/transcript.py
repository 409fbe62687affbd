"""A conversation as plain text, for people: pure."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from frontdesk.storage.records import Record

Entry = dict[str, Any]


def transcript_of(record: Record, entries: Iterable[Entry]) -> str:
    """Return a heading and a line for each entry, times in UTC, in a final newline."""
    visitor = (record.visitor or {}).get("name") or record.email or "Visitor"
    began = datetime.fromtimestamp(record.requested_at / 1000, UTC)
    heading = [f"Conversation {record.id}", f"{began:%Y-%m-%d %H:%M} UTC", f"Visitor: {visitor}"]
    lines = (_line(entry, visitor) for entry in entries)
    return "\n".join([*heading, "", *lines, ""])


def _line(entry: Entry, visitor: str) -> str:
    at = datetime.fromtimestamp(entry["at"] / 1000, UTC)
    return f"{at:%Y-%m-%d %H:%M:%S}  {_words(entry, visitor)}"


def _words(entry: Entry, visitor: str) -> str:
    rep = (entry.get("rep") or {}).get("name") or "Rep"
    text = _indented(str(entry.get("text", "")))
    if entry.get("type") == "message":
        return f"{rep if entry.get('from') == 'rep' else visitor}: {text}"
    lost = entry.get("action") == "lost"
    events = {
        "requested": "A person was asked for",
        "claimed": f"{rep} started the conversation",
        "missed": "Nobody came",
        "participant": f"{rep} {'lost the connection' if lost else 'is back'}",
        "left": f"{visitor} left a message ({entry.get('email')}): {text}",
        "closed": "The conversation was closed",
    }
    kind = str(entry.get("type"))
    return f"— {events.get(kind, kind)}"


def _indented(text: str) -> str:
    """Further lines of a message stand under its first, so that none can pose as another entry."""
    return text.replace("\n", "\n" + " " * 21)
