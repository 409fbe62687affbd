import socket
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.config import Settings
from frontdesk.supervisor.line import Job, Line

WORDS = st.text("abcdefgh", min_size=1, max_size=8)
RESTS = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=40)


@given(st.lists(st.tuples(WORDS, RESTS), max_size=20), st.integers(1, 50))
def test_every_line_arrives_whole_however_the_bytes_are_cut(
    said: list[tuple[str, str]], size: int
) -> None:
    heard: list[tuple[str, str]] = []
    ours, theirs = socket.socketpair()
    with ours, theirs:
        line = Line(ours, lambda word, rest: heard.append((word, rest)))
        data = "".join(f"{word} {rest}\n" for word, rest in said).encode()
        for start in range(0, len(data), size):
            theirs.sendall(data[start : start + size])
            assert line.receive()
    assert heard == said


def test_the_end_of_the_line_is_noticed_and_saying_more_hurts_nobody() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        line = Line(ours, lambda *_: None)
        theirs.close()
        assert not line.receive()
        line.say("ping", "1")
        line.hand_over(ours)


def test_a_job_arrives_as_it_was_sent() -> None:
    settings = Settings(data=Path("/srv/x"), allowed_origins=("*",), secret_key="k" * 32)
    job = Job(name="node-1", target="a:b", settings=settings, index=1)
    assert Job.decode(job.encode()) == job


def test_a_socket_is_there_before_what_is_said_after_it() -> None:
    ours, theirs = socket.socketpair()
    heard: list[str] = []
    with ours, theirs, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        one, other = Line(ours, lambda *_: None), Line(theirs, lambda word, _: heard.append(word))
        one.hand_over(listening)
        one.say("job")
        while "job" not in heard:
            assert other.receive()
        with other.sockets.popleft() as copy:
            assert copy.getsockname() == listening.getsockname()
            assert not copy.get_inheritable()
