"""``compose.yaml`` as far as it can be checked without containers: mounts, hardening, secrets, configuration."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.app.deployment import load_all
from monitor.cli import main
from monitor.grafana.deployment import adapted, deployment_of
from tests.support.compose import SOURCE, Deployment
from tests.support.pipeline import ROOT
from tests.support.servers import HOST, program_of
from tests.support.wall import boards

COMPOSE: dict[str, Any] = yaml.safe_load((SOURCE / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PAGE = (ROOT / "docs" / "deploy-grafana.md").read_text()
PUBLISHED = {"mosquitto": 8883, "proxy": 8443, "grafana": 3000}
"""Ports that the network can reach; all of them use TLS."""


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The folder as the script prepares it, with the repository's venue, rules and roster."""
    return Deployment(tmp_path_factory.mktemp("compose"))


def test_every_file_that_is_mounted_is_there(deployment: Deployment) -> None:
    """Every mounted file exists after ``./prepare``; an engine would make a folder in place of a missing file."""
    sources = [
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
    ] + [secret["file"] for secret in COMPOSE["secrets"].values()]
    files = [source for source in sources if source.startswith(".") or "/" in source]
    assert len(files) > 15
    assert [source for source in files if not (deployment.folder / source).exists()] == []


def test_the_dashboards_are_those_of_the_deployment(deployment: Deployment) -> None:
    """Grafana gets every dashboard with the console's address and the venue's names, as ``grafana push`` would."""
    path = deployment.folder / "monitor/inside.toml"
    path.write_text(deployment.inside("monitor", path.with_name("config.toml").read_text()))
    config, venue = load_all(path)
    here = deployment_of(config, venue)
    assert here.console
    made = {path.stem: path for path in (deployment.folder / "grafana/dashboards").iterdir()}
    assert set(made) == set(boards())
    for uid, path in made.items():
        assert json.loads(path.read_text()) == adapted(boards()[uid], here)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened(name: str) -> None:
    """Every service has an unprivileged user, a read-only root, no capabilities, and limits."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert not service.get("privileged")
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["user"].partition(":")[0]) > 0
    assert service["pids_limit"] <= 200
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert 0 < service["cpus"] <= 2
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_version_is_pinned(name: str) -> None:
    """Every version is pinned down to the patch release."""
    assert re.search(r":\d+\.\d+\.\d+(-alpine)?$", SERVICES[name]["image"])
    base = re.findall(r"^FROM (\S+)", (SOURCE / "Dockerfile").read_text(), re.MULTILINE)
    assert all(re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", image) for image in base)


def test_only_tls_is_published() -> None:
    """The monitor's own port is published on this machine only, InfluxDB's and the broker's inner one not at all."""
    ports = {name: port for name, service in SERVICES.items() for port in service.get("ports", ())}
    assert ports.pop("monitor") == "127.0.0.1:9660:9660"
    assert ports == {name: f"{port}:{port}" for name, port in PUBLISHED.items()}
    assert COMPOSE["networks"]["inner"] == {"internal": True}
    assert SERVICES["influxdb"]["networks"] == ["inner"]

    listeners = (SOURCE / "mosquitto/mosquitto.conf").read_text().split("\nlistener ")[1:]
    for listener in listeners:
        assert listener.startswith("1880 127.0.0.1") or "certfile" in listener, listener
    assert "listen 8443 ssl;" in (SOURCE / "proxy/nginx.conf").read_text()
    assert SERVICES["grafana"]["environment"]["GF_SERVER_PROTOCOL"] == "https"


def test_secrets_are_files() -> None:
    """No password is in an environment, because ``docker inspect`` would show it."""
    text = (SOURCE / "compose.yaml").read_text()
    assert not re.findall(r"\$\{", text)
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|TOKEN|SECRET|KEY", name):
                assert value.startswith("/run/secrets/"), name
                assert value.rpartition("/")[2] in service["secrets"], name


def test_only_the_owner_can_open_the_folder_of_secrets(deployment: Deployment) -> None:
    """Only the owner can open the folder; the files in it are readable by the users of the containers."""
    folder = deployment.folder / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    for secret in COMPOSE["secrets"].values():
        assert (deployment.folder / secret["file"]).stat().st_mode & 0o444 == 0o444
    assert (folder / "tls" / "ca.key").stat().st_mode & 0o077 == 0


def test_certificates_are_for_the_names_that_clients_use(deployment: Deployment) -> None:
    """Certificates name the service, the host in ``public_url`` and the administrator, and one authority signs them."""
    tls = deployment.folder / "secrets/tls"
    for name, inner in (("broker", "mosquitto"), ("web", "proxy"), ("grafana", "grafana")):
        names = openssl("x509", "-in", tls / f"{name}.pem", "-noout", "-ext", "subjectAltName")
        for each in (f"DNS:{inner}", "DNS:monitor.example.org", f"IP Address:{HOST}"):
            assert each in names
        assert "OK" in openssl("verify", "-CAfile", tls / "ca.pem", tls / f"{name}.pem")


def openssl(*arguments: str | Path) -> str:
    """Return the output of a command of openssl."""
    return subprocess.run(
        [program_of("openssl", "openssl"), *arguments], check=True, capture_output=True, text=True
    ).stdout


def test_prepare_keeps_what_exists(deployment: Deployment) -> None:
    """Passwords, certificates and the site's own files survive another run."""
    kept = [
        *(deployment.folder / "secrets").glob("[!m]*/*"),
        deployment.folder / "secrets/influx-token",
        deployment.folder / "monitor/venue.toml",
    ]
    before = {path: path.read_bytes() for path in kept}
    deployment.prepare()
    assert len(before) > 25
    assert {path: path.read_bytes() for path in kept} == before


def test_the_image_installs_what_is_locked() -> None:
    """The image installs packages by hash, and nothing else."""
    text = (SOURCE / "Dockerfile").read_text()
    assert "--require-hashes -r requirements.lock" in text
    for name in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE):
        assert all((ROOT / each).exists() for each in name.split())
    user = SERVICES["monitor"]["user"].partition(":")[0]
    assert f"--uid {user}" in text


@pytest.mark.parametrize("name", ["config.toml", "cli.toml"])
def test_the_monitors_configuration_is_accepted(
    deployment: Deployment, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """``venue-monitor check`` accepts the configuration, with the files and secrets that compose mounts."""
    path = deployment.folder / "monitor" / name
    moved = path.with_name(f"moved-{name}")
    moved.write_text(deployment.inside("monitor", path.read_text()))
    code = main(["--config", str(moved), "check"])
    assert code == 0, capsys.readouterr().err


def test_pages_go_out_with_links() -> None:
    """The configuration names a roster and the address under which phones reach the proxy."""
    text = (SOURCE / "monitor/config.toml").read_text()
    assert 'roster = "roster.toml"' in text
    found = re.search(r'^public_url = "https://[\w.-]+:(\d+)"', text, re.MULTILINE)
    assert found is not None
    assert int(found[1]) == PUBLISHED["proxy"]


def test_grafanas_data_source_is_the_one_for_influxdb_2() -> None:
    """Both data sources are equal but for the address and the name of the variable with the token."""
    mine = yaml.safe_load((SOURCE / "grafana/datasource.yaml").read_text())
    shared = ROOT / "dashboards/provisioning/datasources/influxdb-2.yaml"
    theirs = shared.read_text().replace("$INFLUX_URL", "http://influxdb:8086")
    assert mine == yaml.safe_load(theirs.replace("$INFLUX_TOKEN", "$GF_INFLUX_TOKEN"))


def test_the_page_names_every_file_of_the_folder() -> None:
    """docs/deploy-grafana.md explains each file of the folder."""
    names = {path.name for path in Path(SOURCE).iterdir()} - {"secrets", "monitor", "__pycache__"}
    assert {name for name in names if f"`{name}" not in PAGE} == set()
