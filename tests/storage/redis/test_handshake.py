"""R1.2: what a server must be and know before any script runs there; every kind of URL."""

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from redis.asyncio import Redis

from frontdesk.errors import Retry
from frontdesk.storage.redis import link as link_module
from frontdesk.storage.redis.address import Address
from frontdesk.storage.redis.embedded import EmbeddedRedis
from frontdesk.storage.redis.errors import ScriptFailed, code_of, error_of, lost_here
from frontdesk.storage.redis.keys import Keys
from frontdesk.storage.redis.link import Link
from frontdesk.storage.redis.script import Script
from tests.storage.redis.faults import Relay, until

WRAPPED = "ERR Error running script (call to f_9): @user_script:5: @user_script: 5:"


@pytest.fixture
async def guarded(own_redis: EmbeddedRedis) -> AsyncIterator[EmbeddedRedis]:
    """A Redis with a password and a user, as long as the test runs."""
    admin = Redis.from_url(own_redis.url, single_connection_client=True)
    await admin.acl_setuser(
        "desk", enabled=True, passwords=["+s3cr:t/"], keys=["*"], channels=["*"], commands=["+@all"]
    )
    await admin.config_set("requirepass", "p@ss")
    yield own_redis
    await admin.config_set("requirepass", "")
    await admin.aclose()


def with_login(url: str, login: str, query: str = "") -> str:
    return url.replace("unix://", f"unix://{login}@") + query


async def test_a_password_opens(guarded: EmbeddedRedis, keys: Keys) -> None:
    link = await Link.open(with_login(guarded.url, ":p%40ss"), meta_key=keys.meta)
    assert await link.command("PING") == b"PONG"
    await link.close()


async def test_a_user_with_a_password_opens_its_database(
    guarded: EmbeddedRedis, keys: Keys
) -> None:
    url = with_login(guarded.url, "desk:s3cr%3At%2F", "?db=3")
    link = await Link.open(url, meta_key=keys.meta)
    assert await link.command("ACL", "WHOAMI") == b"desk"
    assert b" db=3 " in await link.command(
        "CLIENT", "LIST", "ID", await link.command("CLIENT", "ID")
    )
    await link.close()


@pytest.mark.parametrize(("login", "answer"), [(":wrong", "WRONGPASS"), ("", "NOAUTH")])
async def test_a_wrong_password_is_said_at_once_and_never_shown(
    guarded: EmbeddedRedis, keys: Keys, login: str, answer: str
) -> None:
    with pytest.raises(ScriptFailed, match=answer) as failed:
        await Link.open(with_login(guarded.url, login), meta_key=keys.meta)
    assert ":wrong" not in str(failed.value)
    assert "p@ss" not in repr(Address.of("redis://:p%40ss@localhost"))


async def test_tcp_is_spoken(relay: Relay, keys: Keys) -> None:
    port = await relay.open_port()
    link = await Link.open(f"redis://127.0.0.1:{port}", meta_key=keys.meta)
    assert await link.command("PING") == b"PONG"
    await link.close()


async def test_tls_is_spoken_and_a_stranger_is_not_trusted(
    relay: Relay, keys: Keys, tmp_path: Path
) -> None:
    certificate = self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    url = f"rediss://localhost:{await relay.open_port(tls=context)}"
    link = await Link.open(f"{url}?ssl_ca_certs={certificate}", meta_key=keys.meta)
    assert await link.command("PING") == b"PONG"
    await link.close()
    with pytest.raises(TimeoutError, match="certificate"):
        await Link.open(url, meta_key=keys.meta, within=1.0)


async def test_a_replica_is_refused_with_the_reason(own_redis: EmbeddedRedis, keys: Keys) -> None:
    client = Redis.from_url(own_redis.url)
    await client.replicaof("127.0.0.1", "1")
    with pytest.raises(TimeoutError, match="a slave, not a master"):
        await Link.open(own_redis.url, meta_key=keys.meta, within=1.0)
    await client.replicaof("no", "one")
    await client.aclose()


async def test_a_demoted_master_is_left_until_it_is_one_again(
    own_redis: EmbeddedRedis, keys: Keys, count: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "PATIENCE", 0.5)
    client = Redis.from_url(own_redis.url)
    link = await Link.open(own_redis.url, meta_key=keys.meta)
    old = link.epoch
    await client.replicaof("127.0.0.1", "1")
    with pytest.raises(Retry):
        await link.call(count, (keys.ev,), ("x",))
    assert not link.up
    await client.replicaof("no", "one")
    await until(lambda: link.up)
    assert link.epoch != old  # a promoted server has another replid
    assert await link.call(count, (keys.ev,), ("x",)) == [b"ok", 1, b"x"]
    await link.close()
    await client.aclose()


async def test_a_full_server_says_retry_and_the_link_stays(
    own_redis: EmbeddedRedis, keys: Keys, count: Script
) -> None:
    client = Redis.from_url(own_redis.url)
    link = await Link.open(own_redis.url, meta_key=keys.meta)
    await client.config_set("maxmemory", 1)
    with pytest.raises(Retry, match="OOM"):
        await link.call(count, (keys.ev,), ("x",))
    with pytest.raises(Retry, match="OOM"):
        await link.command("SET", keys.ev, "x")
    assert link.up
    await client.config_set("maxmemory", 0)
    assert await link.call(count, (keys.ev,), ("x",)) == [b"ok", 1, b"x"]
    await link.close()
    await client.aclose()


async def test_nobody_there_is_said_with_the_reason(tmp_path: Path, keys: Keys) -> None:
    with pytest.raises(TimeoutError, match=r"no Redis at .*No such file"):
        await Link.open(f"unix://{tmp_path}/none.sock", meta_key=keys.meta, within=0.5)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://localhost", "scheme"),
        ("rediss://localhost?ssl_ca_certs=/no/such/file", "No such file"),
        ("rediss://localhost?ssl_cert_reqs=perhaps", "perhaps"),
        ("rediss://localhost?ssl_unknown=1", "unknown"),
    ],
)
def test_a_wrong_url_is_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Address.of(url)


@pytest.mark.parametrize(
    ("answer", "code", "temporary", "elsewhere"),
    [
        ("OOM command not allowed when used memory > 'maxmemory'.", "OOM", True, False),
        ("NOREPLICAS Not enough good replicas to write.", "NOREPLICAS", True, False),
        ("LOADING Redis is loading the dataset in memory", "LOADING", True, False),
        ("READONLY You can't write against a read only replica.", "READONLY", True, True),
        ("NOSCRIPT No matching script. Please use EVAL.", "NOSCRIPT", True, True),
        (
            f"{WRAPPED} -NOREPLICAS Not enough good replicas to write. ",
            "NOREPLICAS",
            True,
            False,
        ),
        (
            f"{WRAPPED} -READONLY You can't write against a read only replica. ",
            "READONLY",
            True,
            True,
        ),
        ("WRONGTYPE Operation against a key", "WRONGTYPE", False, False),
        (f"{WRAPPED} oops", "ERR", False, False),
        ("", "ERR", False, False),
    ],
)
def test_each_answer_is_sorted_also_as_6_2_wraps_it(
    answer: str, code: str, *, temporary: bool, elsewhere: bool
) -> None:
    assert code_of(answer) == code
    assert isinstance(error_of(answer), Retry if temporary else ScriptFailed)
    assert lost_here(answer) is elsewhere


def self_signed(folder: Path) -> Path:
    """A key and a certificate for localhost, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
