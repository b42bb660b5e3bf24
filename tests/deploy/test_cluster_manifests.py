"""deploy/cluster: what nobody has executed says so, and agrees with the code and with what is executed."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from monitor.cli.commands import needed, parser_of
from monitor.cluster.settings import JobSettings
from monitor.config.http import Http
from tests.support.pipeline import ROOT

FOLDER = ROOT / "deploy" / "cluster"
KUBERNETES = sorted((FOLDER / "kubernetes").iterdir())
README = (FOLDER / "README.md").read_text()
LOCK = (ROOT / "requirements-cluster.lock").read_text()
IMAGE = "venue-monitor-cluster:latest"


def read(name: str) -> list[dict[str, Any]]:
    """Return the documents of a manifest."""
    return [*yaml.safe_load_all((FOLDER / "kubernetes" / name).read_text())]


def of_kind(kind: str) -> Iterator[dict[str, Any]]:
    """Yield all documents of one kind."""
    manifests = [path.name for path in KUBERNETES if path.suffix == ".yaml"]
    return (row for row in chain(*map(read, manifests)) if row["kind"] == kind)


def workloads() -> list[dict[str, Any]]:
    """Return what runs containers."""
    return [*of_kind("Deployment"), *of_kind("StatefulSet")]


def properties() -> dict[str, str]:
    """Return the settings of a broker as a plain process."""
    rows = (FOLDER / "processes" / "kafka.properties").read_text().splitlines()
    return dict(row.split("=", 1) for row in rows if row and not row.startswith("#"))


def brokers() -> list[str]:
    """Return the names of the brokers' pods in their network."""
    (kafka,) = [row for row in workloads() if row["metadata"]["name"] == "kafka"]
    return [f"kafka-{n}.{kafka['spec']['serviceName']}" for n in range(kafka["spec"]["replicas"])]


@pytest.mark.parametrize("path", KUBERNETES, ids=lambda path: path.name)
def test_what_nobody_has_executed_says_so(path: Path) -> None:
    """In its first line, and in the table of the folder."""
    assert path.read_text().startswith("# Not tested.")
    (row,) = [line for line in README.splitlines() if f"`kubernetes/{path.name}`" in line]
    assert "**not tested**" in row


@pytest.mark.parametrize("row", workloads(), ids=lambda row: row["metadata"]["name"])
def test_its_names_fit_together(row: dict[str, Any]) -> None:
    """A workload selects its own pods, mounts what it has, and probes a port that it opens."""
    spec, pod = row["spec"], row["spec"]["template"]
    wanted = spec["selector"]["matchLabels"].items()
    assert wanted <= pod["metadata"]["labels"].items()
    claims = [claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", ())]
    volumes = {volume["name"] for volume in pod["spec"].get("volumes", ())} | {*claims}
    for container in pod["spec"]["containers"]:
        assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
        ports = [port.get("name", port["containerPort"]) for port in container.get("ports", ())]
        if "readinessProbe" in container:
            assert container["readinessProbe"]["tcpSocket"]["port"] in ports
    if row["kind"] == "StatefulSet":
        services = {
            each["metadata"]["name"]: each["spec"]["selector"] for each in of_kind("Service")
        }
        assert services[spec["serviceName"]].items() <= pod["metadata"]["labels"].items()


def test_each_container_of_ours_runs_a_command() -> None:
    """The commands are ours, and there are two tickers, two inboxes of a site, and one reader, whose port is right."""
    found = {}
    for row in workloads():
        (container,) = row["spec"]["template"]["spec"]["containers"]
        if container["image"] == IMAGE:
            program, *words = container["command"]
            assert program == "venue-monitor"
            parser_of(needed(words)).parse_args(words)
            found[words[-1]] = row["spec"]["replicas"]
            if words[-1] == "reader":
                assert [port["containerPort"] for port in container["ports"]] == [Http().port]
    assert found == {"ticker": 2, "inbox": 2, "reader": 1}


def test_brokers_have_the_settings_that_are_executed() -> None:
    """All settings of the plain process but its addresses and folder, and the same three brokers as voters."""
    (kafka,) = [row for row in workloads() if row["metadata"]["name"] == "kafka"]
    (container,) = kafka["spec"]["template"]["spec"]["containers"]
    given = {row["name"]: row["value"] for row in container["env"]}
    own = {"node.id", "advertised.listeners", "listeners", "log.dirs", "controller.quorum.voters"}
    for key, value in properties().items():
        if key not in own:
            assert given[f"KAFKA_{key.replace('.', '_').upper()}"] == value
    voters = ",".join(f"{n}@{name}:9093" for n, name in enumerate(brokers(), 1))
    assert given["KAFKA_CONTROLLER_QUORUM_VOTERS"] == voters
    assert properties()["controller.quorum.voters"].count("@") == len(brokers())


def test_the_job_has_the_settings_that_are_executed() -> None:
    """The settings of Flink, the file of the job, and its argument, which the job can read."""
    (job,) = of_kind("FlinkDeployment")
    plain = yaml.safe_load((FOLDER / "processes" / "flink.yaml").read_text())
    given = job["spec"]["flinkConfiguration"]
    same = [key for key in given if key in plain and "dir" not in key.lower()]
    assert len(same) > 8
    for key in same:
        wanted = plain[key]
        if key != "high-availability.type":
            shown = str(wanted).lower() if isinstance(wanted, bool) else str(wanted)
            assert given[key] == shown, key

    (driver, path, argument) = job["spec"]["job"]["args"]
    assert driver == "-py"
    assert (ROOT / path.removeprefix("/opt/venue-monitor/")).is_file()
    settings = msgspec.json.decode(argument, type=JobSettings)
    assert settings.brokers.split(",") == [f"{name}:9092" for name in brokers()]


def test_one_version_of_flink() -> None:
    """The image, the jar and the operator's version are those of the locked PyFlink."""
    locked = re.search(r"^apache-flink==([\d.]+)", LOCK, re.MULTILINE)
    assert locked is not None
    (job,) = of_kind("FlinkDeployment")
    docker = (FOLDER / "kubernetes" / "Dockerfile").read_text()
    assert f"FROM flink:{locked[1]}-" in docker
    assert f"flink-python-{locked[1]}.jar" in job["spec"]["job"]["jarURI"]
    assert job["spec"]["flinkVersion"] == f"v{'_'.join(locked[1].split('.')[:2])}"
