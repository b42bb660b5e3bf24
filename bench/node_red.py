"""Node-RED on the same stream: the same kind of session, the rules in rules.js, and a file to which it appends."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from bench.process import Process
from monitor.mqtt import BrokerAddress

HERE = Path(__file__).parent
PLACE = HERE / ".node"
"""Where npm installs it; ignored by Git."""
NAME = "node-red"
"""Its client id."""


def install() -> None:
    """Install Node-RED and the Node it requires with npm, unless package.json's versions are installed already.

    Raises:
        SystemExit: npm is missing or fails.

    """
    wanted = (HERE / "package.json").read_text()
    copy = PLACE / "package.json"
    if copy.exists() and copy.read_text() == wanted and (PLACE / "node_modules").exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit(
            "npm, which installs Node-RED, is missing; --alone measures without Node-RED"
        )
    print("Installing Node-RED into bench/.node ...", file=sys.stderr)
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir()
    command = [
        npm,
        "install",
        "--prefix",
        str(PLACE),
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
    ]
    copy.write_text(wanted)
    if subprocess.run([*command, "--loglevel", "error"], check=False).returncode:  # noqa: S603 - our own command
        copy.unlink()
        raise SystemExit("npm could not install Node-RED; --alone measures without Node-RED")


class NodeRed(Process):
    """Node-RED on one core."""

    def __init__(self, folder: Path, address: BrokerAddress, core: int) -> None:
        self.events, self.alerts = folder / "events.txt", folder / "alerts.txt"
        flow = json.loads((HERE / "flow.json").read_text())
        for node in flow:
            if node["type"] == "function":
                node["func"] = (HERE / "rules.js").read_text()
                node["initialize"] = (HERE / "rules-start.js").read_text()
        (folder / "flows.json").write_text(json.dumps(flow))
        shutil.copy(HERE / "settings.js", folder)
        modules = PLACE / "node_modules"
        command = [str(modules / ".bin" / "node"), str(modules / "node-red" / "red.js")]
        super().__init__(
            [*command, "--userDir", str(folder), "--port", "0", str(folder / "flows.json")],
            core,
            folder / "node-red.log",
            BENCH_PORT=str(address.port),
            BENCH_EVENTS=str(self.events),
            BENCH_ALERTS=str(self.alerts),
        )

    @property
    def written(self) -> int:
        """Bytes that it has handed to the operating system."""
        return self.events.stat().st_size if self.events.exists() else 0

    @property
    def began(self) -> float:
        """When it received its first message, in seconds since 1970."""
        with self.events.open() as lines:
            return int(lines.readline().split()[0]) / 1000

    @property
    def raised(self) -> int:
        """Alerts raised so far."""
        return self.alerts.read_text().count(" raised ") if self.alerts.exists() else 0
