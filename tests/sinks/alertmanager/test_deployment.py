"""The configuration that is shipped does what docs/alertmanager.md says, in Debian's Alertmanager."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.alertmanager import PACKAGE, AlertmanagerServer, Receiver
from tests.support.mail_recorder import mailbox
from tests.support.outward import Outward
from tests.support.pipeline import ROOT
from tests.support.servers import HOST, eventually, program_of

SHIPPED = ROOT / "deploy" / "alertmanager"
FILE = SHIPPED / "alertmanager.yml"


def test_it_is_good() -> None:
    """Alertmanager's own check takes the file and its templates."""
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
def test_who_hears_of_what(labels: list[str], receivers: str) -> None:
    """Life safety and critical alerts go to the duty officer, the rest to the control room, none to nobody."""
    command = [
        program_of("amtool", PACKAGE),
        "config",
        "routes",
        "test",
        f"--config.file={FILE}",
        *labels,
    ]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    assert told.stdout.strip() == receivers


def here(folder: Path, smtp: int, heard: Receiver) -> Path:
    """The shipped configuration, with the servers of this test and in more of a hurry."""
    shutil.copy(SHIPPED / "venue.tmpl", folder)
    config = yaml.safe_load(FILE.read_text())
    config["global"] |= {"smtp_smarthost": f"{HOST}:{smtp}", "smtp_require_tls": False}
    for receiver in config["receivers"]:
        for webhook in receiver.get("webhook_configs", []):
            webhook["url"] = f"http://{HOST}:{heard.port}/"
    path = folder / "alertmanager.yml"
    text = yaml.safe_dump(config)
    path.write_text(re.sub(r"group_interval: \w+", "group_interval: 1s", text))
    return path


async def test_people_read_over_only_when_it_is(
    tmp_path: Path, line: Outward, heard: Receiver
) -> None:
    """The monitor dies with an alert open: the letters say that nobody knows. Back again, it says what is over."""
    line.tamper()
    what = "Somebody works at the hardware of door d1"
    with mailbox() as (box, port):
        config = here(tmp_path, port, heard)
        with AlertmanagerServer(tmp_path, config) as server:
            async with line.telling(server.url):
                await eventually(lambda: box.subjects("duty-officer") != [])
                await eventually(lambda: heard.said("VenueMonitorAlive") == ["firing"])
            await eventually(lambda: f"[NO WORD] {what}" in box.subjects("duty-officer"))
            silent = "THE VENUE MONITOR HAS FALLEN SILENT"
            await eventually(lambda: any(row.startswith(silent) for row in box.subjects("it@")))
            assert "TREAT IT AS STILL SO" in box.text("[NO WORD]")
            assert not any("OVER" in subject for subject in box.subjects("@"))
            async with line.telling(server.url):
                await eventually(
                    lambda: box.subjects("duty-officer").count(f"[critical] {what}") == 2
                )
                line.close("door-tamper")
                await eventually(lambda: f"[OVER] {what}" in box.subjects("duty-officer"))
            assert not any("CHANGED" in subject for subject in box.subjects("@"))
    assert "closed by ann: mended" in box.text("[OVER]")
    assert "Send a guard and a technician." in box.text("[critical]")
