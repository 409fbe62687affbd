"""The manifests: valid by Kubernetes' own schemas, fitting each other and the settings."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from frontdesk.config import load

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
FILES = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
RESOURCES = [one for name in FILES for one in yaml.safe_load_all((FOLDER / name).read_text())]
SECRET = {
    "FRONTDESK_SECRET_KEY": "k" * 40,
    "FRONTDESK_REDIS_URL": "redis://redis:6379",
    "FRONTDESK_DATABASE_URL": "postgresql://postgres/frontdesk",
}


def of(kind: str) -> list[Any]:
    return [one for one in RESOURCES if one["kind"] == kind]


def pods() -> list[Any]:
    return [one["spec"]["template"]["spec"] for one in [*of("Deployment"), *of("Job")]]


def containers() -> list[Any]:
    return [container for pod in pods() for container in pod["containers"]]


def environment(container: Any) -> dict[str, str]:
    """What its variables are in the end."""
    (settings,) = of("ConfigMap")
    own = {one["name"]: one["value"] for one in container.get("env", [])}
    return {**settings["data"], **SECRET, **own}


def label(one: Any) -> str:
    return f"{one['kind']} {one['metadata']['name']}"


def test_every_file_is_part_of_it() -> None:
    assert {path.name for path in FOLDER.glob("*.yaml")} == {*FILES, "kustomization.yaml"}


@pytest.mark.parametrize("resource", RESOURCES, ids=label)
def test_each_is_valid_and_has_no_field_that_kubernetes_does_not_know(resource: Any) -> None:
    kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("container", containers(), ids=lambda one: one["name"])
def test_the_variables_are_settings_that_frontdesk_starts_with(container: Any) -> None:
    settings = load(environment(container))
    assert settings.workers == 1


def test_no_service_names_a_variable_that_would_be_taken_for_a_setting() -> None:
    """Kubernetes gives FRONTDESK_PORT=tcp://… to pods beside a service `frontdesk`."""
    assert all(pod["enableServiceLinks"] is False for pod in pods())


def test_a_pod_may_take_longer_to_end_than_frontdesk_takes() -> None:
    for deployment in of("Deployment"):
        pod = deployment["spec"]["template"]["spec"]
        settings = load(environment(pod["containers"][0]))
        longest = settings.drain_delay_seconds + settings.drain_seconds + 15
        assert pod["terminationGracePeriodSeconds"] > longest
        probe = pod["containers"][0]["readinessProbe"]
        noticed = probe["periodSeconds"] * probe.get("failureThreshold", 3)
        assert deployment["metadata"]["name"] != "frontdesk-node" or (
            settings.drain_delay_seconds > noticed + 2
        ), "who is to be sent elsewhere would meet a closed port"


@pytest.mark.parametrize("container", containers(), ids=lambda one: one["name"])
def test_nothing_runs_as_root_or_writes_beside_its_volumes(container: Any) -> None:
    may = container["securityContext"]
    assert may["readOnlyRootFilesystem"]
    assert not may["allowPrivilegeEscalation"]
    assert may["capabilities"] == {"drop": ["ALL"]}
    assert "/data" in {mount["mountPath"] for mount in container["volumeMounts"]}
    assert container["resources"]["limits"]["memory"]
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False


def test_services_policies_and_budgets_find_their_pods_and_ports() -> None:
    found = {
        one["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]: {
            port["name"]
            for container in one["spec"]["template"]["spec"]["containers"]
            for port in container.get("ports", [])
        }
        for one in [*of("Deployment"), *of("Job")]
    }
    (service,), (budget,), (policy,) = of("Service"), of("PodDisruptionBudget"), of("NetworkPolicy")
    component = service["spec"]["selector"]["app.kubernetes.io/component"]
    assert service["spec"]["ports"][0]["targetPort"] in found[component]
    assert budget["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] in found
    (chosen,) = policy["spec"]["podSelector"]["matchExpressions"]
    assert set(chosen["values"]) == set(found)
    let_in = {port["port"] for port in policy["spec"]["ingress"][0]["ports"]}
    assert let_in == set().union(*found.values())


def test_the_ingress_waits_longer_than_a_heartbeat() -> None:
    (ingress,) = of("Ingress")
    said = ingress["metadata"]["annotations"]
    heartbeat = load({}).heartbeat_seconds
    for which in ("read", "send"):
        assert float(said[f"nginx.ingress.kubernetes.io/proxy-{which}-timeout"]) > 2 * heartbeat
    (service,) = of("Service")
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend["name"] == service["metadata"]["name"]
    assert backend["port"]["name"] == service["spec"]["ports"][0]["name"]
