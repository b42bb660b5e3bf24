"""The shipped configuration does what docs/alertmanager.md describes, in Debian's Alertmanager."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.alertmanager import PACKAGE, AlertmanagerServer, Receiver
from tests.support.mail_recorder import mail_recorder
from tests.support.outward import Outward
from tests.support.pipeline import ROOT
from tests.support.servers import HOST, eventually, program_of

SHIPPED = ROOT / "deploy" / "alertmanager"
FILE = SHIPPED / "alertmanager.yml"


def test_the_configuration_is_valid() -> None:
    """Alertmanager's own check accepts the file and its templates."""
    subprocess.run(
        [program_of("amtool", PACKAGE), "check-config", str(FILE)], check=True, capture_output=True
    )


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        (["alertname=VenueMonitorAlive", "severity=none"], "watchdog-elsewhere,monitor-silent"),
        (["alertname=door-tamper", "severity=critical"], "duty-officer"),
        (["alertname=exit-locked-occupied", "severity=life_safety"], "duty-officer"),
        (["alertname=door-held-open-soon", "severity=low"], "control-room"),
    ],
)
def test_each_alert_has_its_receiver(labels: list[str], receivers: str) -> None:
    """Life safety and critical alerts go to the duty officer, the rest to the control room; none is dropped."""
    command = [
        program_of("amtool", PACKAGE),
        "config",
        "routes",
        "test",
        f"--config.file={FILE}",
        *labels,
    ]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == receivers


def here(folder: Path, smtp: int, received: Receiver) -> Path:
    """The shipped configuration with the servers of this test and shorter intervals."""
    shutil.copy(SHIPPED / "venue.tmpl", folder)
    config = yaml.safe_load(FILE.read_text())
    config["global"] |= {"smtp_smarthost": f"{HOST}:{smtp}", "smtp_require_tls": False}
    for receiver in config["receivers"]:
        for webhook in receiver.get("webhook_configs", []):
            webhook["url"] = f"http://{HOST}:{received.port}/"
    path = folder / "alertmanager.yml"
    text = yaml.safe_dump(config)
    path.write_text(re.sub(r"group_interval: \w+", "group_interval: 1s", text))
    return path


async def test_people_read_resolved_only_when_it_is(
    tmp_path: Path, line: Outward, received: Receiver
) -> None:
    """The monitor dies with an alert open: the mails say that its state is unknown.

    When it is back, they say what is over.
    """
    line.tamper()
    what = line.alert("door-tamper").title
    with mail_recorder() as (box, port):
        config = here(tmp_path, port, received)
        with AlertmanagerServer(tmp_path, config) as server:
            async with line.relaying(server.url):
                await eventually(lambda: box.subjects("duty-officer") != [])
                await eventually(lambda: received.statuses("VenueMonitorAlive") == ["firing"])
            await eventually(lambda: f"[NO WORD] {what}" in box.subjects("duty-officer"))
            silent = "THE VENUE MONITOR HAS STOPPED REPORTING"
            await eventually(lambda: any(row.startswith(silent) for row in box.subjects("it@")))
            assert "TREAT IT AS STILL ACTIVE" in box.text("[NO WORD]")
            assert not any("OVER" in subject for subject in box.subjects("@"))
            async with line.relaying(server.url):
                await eventually(
                    lambda: box.subjects("duty-officer").count(f"[critical] {what}") == 2
                )
                line.close("door-tamper")
                await eventually(lambda: f"[OVER] {what}" in box.subjects("duty-officer"))
            assert not any("CHANGED" in subject for subject in box.subjects("@"))
    assert "closed by ann: mended" in box.text("[OVER]")
    assert "Send a guard and a technician." in box.text("[critical]")
