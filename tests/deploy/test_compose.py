"""compose.yaml: read as Compose reads it, fitting the settings and what doctor asks of Redis."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from frontdesk.cli import main
from frontdesk.config import Settings, load
from frontdesk.config.reading import FIELDS, NOT_SETTINGS, PREFIX
from frontdesk.storage.redis.embedded import EmbeddedRedis
from frontdesk.storage.redis.engine import arguments

ROOT = Path(__file__).parents[2]
GIVEN = {
    "HOST_NAME": "chat.example.com", "FRONTDESK_ALLOWED_ORIGINS": "https://www.example.com",
    "FRONTDESK_SECRET_KEY": "k" * 40, "VALKEY_PASSWORD": "v", "POSTGRES_PASSWORD": "p",
}  # fmt: skip
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
OURS = ("node-1", "node-2", "worker", "migrate")


def filled_in(text: str, given: dict[str, str]) -> str:
    """As Compose fills variables in: `:-` has a default, `:?` must be given."""

    def value(found: re.Match[str]) -> str:
        name, how, otherwise = found.groups()
        if given.get(name):
            return given[name]
        assert how == "-", f"{name} must be given: {otherwise}"
        return otherwise

    return VARIABLE.sub(value, text)


def filled(node: Any) -> Any:
    """Variables are filled in after the YAML was read: an empty one is an empty text."""
    if isinstance(node, dict):
        return {name: filled(inner) for name, inner in node.items()}
    if isinstance(node, list):
        return [filled(inner) for inner in node]
    return filled_in(node, GIVEN) if isinstance(node, str) else node


COMPOSE = filled(yaml.safe_load((ROOT / "compose.yaml").read_text()))
SERVICES: dict[str, Any] = COMPOSE["services"]


def settings_of(service: str) -> Settings:
    image = {"FRONTDESK_HOST": "0.0.0.0", "FRONTDESK_DATA": "/data"}
    return load({**image, **SERVICES[service]["environment"]})


@pytest.mark.parametrize("service", OURS)
def test_each_of_ours_starts_with_its_settings(service: str) -> None:
    settings = settings_of(service)
    assert settings.redis_url == "redis://:v@valkey:6379/0"
    assert settings.database_url == "postgresql://frontdesk:p@postgres:5432/frontdesk"
    assert settings.public_url == "https://chat.example.com"


@pytest.mark.parametrize("service", OURS)
def test_each_runs_a_command_that_exists(service: str) -> None:
    result = CliRunner().invoke(main, [*SERVICES[service]["command"], "--help"])
    assert result.exit_code == 0, result.output


def test_secrets_must_be_given_and_are_written_nowhere() -> None:
    for name in ("FRONTDESK_SECRET_KEY", "VALKEY_PASSWORD", "POSTGRES_PASSWORD", "HOST_NAME"):
        with pytest.raises(AssertionError, match=name):
            filled_in((ROOT / "compose.yaml").read_text(), {**GIVEN, name: ""})
    example = (ROOT / "deploy" / "env.example").read_text()
    told = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    assert set(told) >= {name for name, *_ in VARIABLE.findall((ROOT / "compose.yaml").read_text())
                         if ":?" in name} | {"FRONTDESK_SECRET_KEY", "VALKEY_PASSWORD"}  # fmt: skip
    assert not any(told[name] for name in told if name.endswith(("_KEY", "PASSWORD")))


def test_every_variable_with_our_prefix_in_what_is_deployed_is_a_setting() -> None:
    files = [ROOT / "compose.yaml", ROOT / "Dockerfile", *(ROOT / "deploy").rglob("*.*")]
    for file in files:
        for name in re.findall(rf"\b{PREFIX}[A-Z_]+\b", file.read_text()):
            assert name.removeprefix(PREFIX).lower() in FIELDS or name in NOT_SETTINGS, (file, name)


def test_what_depends_on_what_exists_and_waits_for_the_right_thing() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert other in ("node-1", "node-2") or "healthcheck" in SERVICES[other], name
            else:
                assert how["condition"] == "service_completed_successfully"
                assert SERVICES[other]["restart"] == "no"
        for network in service.get("networks", []):
            assert network in COMPOSE["networks"]
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists(), volume


def test_a_node_gets_more_time_to_stop_than_it_takes() -> None:
    for name in ("node-1", "node-2"):
        settings, grace = settings_of(name), SERVICES[name]["stop_grace_period"]
        longest = settings.drain_delay_seconds + settings.drain_seconds + 15
        assert float(grace.removesuffix("s")) > longest


def test_the_proxy_is_trusted_and_nobody_else_is() -> None:
    (network,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    assert settings_of("node-1").trusted_proxies == (network["subnet"],)
    assert "ports" not in SERVICES["node-1"]
    assert "ports" not in SERVICES["valkey"]


async def test_a_real_server_takes_the_options_of_valkey_and_is_as_the_embedded_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What doctor would warn of is set: the same as in an embedded server."""
    command = SERVICES["valkey"]["command"]
    options = list(command[1:-2])

    def with_options(folder: Path, address: Path, durability: Any) -> list[str]:
        own = arguments(folder, address, durability)
        at = own.index("--appendonly")
        return [*own[:at], *options]

    monkeypatch.setattr("frontdesk.storage.redis.embedded.arguments", with_options)
    server = EmbeddedRedis(tmp_path)
    await server.start()
    try:
        found = await config_of(server.url)
    finally:
        await server.stop()
    assert found["appendfsync"] == "always"
    assert (found["appendonly"], found["save"]) == ("yes", "")
    assert (found["maxmemory-policy"], found["maxmemory"]) == ("noeviction", str(512 << 20))
    assert "pubsub 67108864 33554432 30" in found["client-output-buffer-limit"]


async def config_of(url: str) -> dict[str, str]:
    import redis.asyncio  # noqa: PLC0415 - for this one question

    client = redis.asyncio.Redis.from_url(url, decode_responses=True)
    async with client:
        found: Any = await client.config_get("*")
        return dict(found)
