"""Programs of other authors that run on Node: an MQTT broker, and an MQTT codec to compare with."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "tests" / "support" / "node"


def node_command(program: str) -> list[str]:
    """Return the command line of one of the programs; install its packages if they are missing."""
    done = subprocess.run(
        [str(ROOT / "scripts" / "node-packages")], capture_output=True, text=True, check=False
    )
    node = shutil.which("node")
    if done.returncode or node is None:
        pytest.fail(f"scripts/node-packages: {done.stderr}")
    modules = str(Path(done.stdout.strip()) / "node_modules")
    return ["env", f"NODE_PATH={modules}", node, str(PROGRAMS / program)]


class IndependentCodec:
    """mqtt-packet, the codec of the MQTT.js project, in a process of its own."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            node_command("codec.js"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def encode(self, packet: dict[str, Any], level: int) -> bytes:
        """Return the bytes of a packet, given as mqtt-packet names its fields, with bytes as hexadecimal text."""
        return bytes.fromhex(self._ask({"version": level, "packet": packet})["hex"])

    def decode(self, content: bytes, level: int) -> dict[str, Any]:
        """Return the packet of these bytes."""
        packet: dict[str, Any] = self._ask({"version": level, "hex": content.hex()})["packet"]
        return packet

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "error" not in answer, (request, answer)
        return answer
