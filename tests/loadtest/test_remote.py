"""The load test against somebody's own installation: named, looked at first, honest afterwards."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from loadtest import browse, chat, idle_fleet, reconnect_storm
from loadtest.__main__ import main
from loadtest.chat import chats_due, due_at
from loadtest.hindrance import Hindrances
from loadtest.installation import Installation, free_port, installation
from loadtest.options import Options
from loadtest.remote import Unfit, address_of


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "ada.localhost", "[::1]"])
def test_this_machine_needs_no_second_naming(host: str) -> None:
    assert address_of(f"http://{host}:8000", "").port == 8000


def test_another_host_must_be_named_twice() -> None:
    with pytest.raises(Unfit, match=r"--host chat\.lighthouse\.example"):
        address_of("https://chat.lighthouse.example", "")
    with pytest.raises(Unfit, match="--host"):
        address_of("https://chat.lighthouse.example", "www.lighthouse.example")
    found = address_of("https://chat.lighthouse.example/desk/", "chat.lighthouse.example")
    assert (found.port, found.tls, found.prefix) == (443, True, "/desk")
    assert found.header == "chat.lighthouse.example"


@pytest.mark.parametrize(
    "url", ["chat.lighthouse.example", "ftp://127.0.0.1", "http://me@127.0.0.1", "http://", ""]
)
def test_what_is_no_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(Unfit):
        address_of(url, "")


def test_the_command_says_why_it_was_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert main(["idle-fleet", "--url", url]) == 2
    assert "can't be reached" in capsys.readouterr().err
    for wrong in (["chat", "--url", url], ["claim-race", "--url", url]):
        with pytest.raises(SystemExit):
            main(wrong)


def test_a_linear_start_has_half_as_many_chats_as_the_height() -> None:
    assert chats_due(10, 5, 4) == 70
    begins = [due_at(number, 10, 4) for number in range(70)]
    assert begins == sorted(begins)
    assert sum(one < 2 for one in begins) == 5
    assert sum(one < 4 for one in begins) == 20
    assert begins[-1] == pytest.approx(8.9)
    assert due_at(7, 10, 0) == 0.7


def test_what_stopped_the_load_is_said_with_its_setting() -> None:
    hindrances = Hindrances()
    for _ in range(3):
        hindrances.meet("request", "rate_limited")
    hindrances.meet("request", "nothing_known")
    (told,) = hindrances.told()
    assert told.startswith("3 × request rate_limited")
    assert "FRONTDESK_REQUESTS_PER_ADDRESS" in told


def of(server: Installation, **more: object) -> Options:
    host, port = server.nodes[0].address
    tokens = tuple(rep.token for rep in server.reps)
    options = Options(
        url=f"http://{host}:{port}", rep_tokens=tokens, seconds=1, warm_seconds=0, lanes=2,
        sockets=20, every=2, rate=5,
    )  # fmt: skip
    return options.but(**more)


async def test_every_scenario_runs_against_a_server_that_is_there(tmp_path: Path) -> None:
    async with installation(nodes=1, reps=3) as server:
        await tokens_are_looked_at_before_any_load(server)
        await behind_tls_the_certificate_is_checked(server, tmp_path)
        chats = await chat.run(of(server, ramp=1.0))
        figures = {one.name: one.value for one in chats.figures}
        assert (chats.errors, chats.advice, figures["chats"]) == ([], [], 7)
        assert "node CPU per chat" not in figures
        assert not any(token in str(chats.parameters) for token in of(server).rep_tokens)
        idle = await idle_fleet.run(of(server))
        assert (idle.errors, idle.figures[0].value) == ([], 20)
        storm = await reconnect_storm.run(of(server))
        assert (storm.errors, "close" in storm.title) == ([], True)
        pages = await browse.run(of(server))
        figures = {one.name: one.value for one in pages.figures}
        assert (pages.errors, figures["chats dropped"]) == ([], 0)
        assert figures["pages per second"] > 0
        assert len(chats.latencies["ring"].at) == 21
        alone = await browse.run(of(server, rep_tokens=()))
        assert "chats" not in {one.name for one in alone.figures}


async def test_a_limit_of_the_server_is_a_result_with_what_to_set() -> None:
    limits = {"requests_per_address": "2", "hellos_per_address": "15"}
    async with installation(nodes=1, reps=1, settings=limits) as server:
        result = await chat.run(of(server))
        told = " ".join(result.advice)
        assert "request rate_limited" in told
        assert "FRONTDESK_REQUESTS_PER_ADDRESS" in told
        assert "FRONTDESK_HELLOS_PER_ADDRESS" in told
        assert result.errors


async def tokens_are_looked_at_before_any_load(server: Installation) -> None:
    with pytest.raises(Unfit, match="The token of rep 1"):
        await chat.run(of(server, rep_tokens=("wrong",)))
    with pytest.raises(Unfit, match="same rep"):
        await chat.run(of(server, rep_tokens=of(server).rep_tokens * 2))


async def behind_tls_the_certificate_is_checked(server: Installation, folder: Path) -> None:
    async with tls_before(server, folder) as (url, ca):
        result = await chat.run(of(server, url=url, ca=ca, seconds=0.5))
        assert (result.errors, result.figures[0].value) == ([], 2)
        with pytest.raises(Unfit, match="certificate"):
            await chat.run(of(server, url=url))


@asynccontextmanager
async def tls_before(server: Installation, folder: Path) -> AsyncIterator[tuple[str, str]]:
    """A proxy that ends TLS, as in production. → its URL, the file of its certificate."""
    certificate = write_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    tasks: set[asyncio.Task[None]] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
        writer.close()

    async def proxied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, ahead = await asyncio.open_connection(*server.nodes[0].address)
        for way in (pass_on(reader, ahead), pass_on(behind, writer)):
            tasks.add(asyncio.create_task(way))

    proxy = await asyncio.start_server(proxied, "127.0.0.1", 0, ssl=context)
    port = proxy.sockets[0].getsockname()[1]
    try:
        yield f"https://localhost:{port}", str(certificate)
    finally:
        proxy.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def write_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    )
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return file
