"""Which module has which command: only the one that is needed is imported."""

import argparse
import shlex
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from monitor.cli import MISTAKES, MODULES, OK, main
from monitor.cli.commands import Commands, Parser
from monitor.cli.completion import SHELLS
from tests.support.pipeline import ROOT

HEAVY = {"aiohttp", "apprise", "influxdb_client", "litestar", "prometheus_client"}
"""Libraries that take long to import."""


class Added(Commands):
    """Notes the commands that a module adds."""

    def __init__(self) -> None:
        super().__init__(Parser())
        self.names: list[str] = []

    def add_parser(self, name: str, description: str | None = None) -> argparse.ArgumentParser:
        """Add one."""
        self.names.append(name)
        return super().add_parser(name, description)


@pytest.mark.parametrize("name", MODULES)
def test_each_module_adds_the_commands_that_are_listed(name: str) -> None:
    """A command that is missing from the list would not be found."""
    added = Added()
    import_module(f"monitor.cli.{name}").add(added)

    assert added.names == [*MODULES[name]]


def test_help_lists_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """Also those of modules that no other command needs."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    shown = capsys.readouterr().out
    assert ended.value.code == OK
    for name in (row for rows in MODULES.values() for row in rows):
        assert f"\n    {name} " in shown


@pytest.mark.parametrize("arguments", [["xyzzy"], ["--config"], ["xyzzy", "run"]])
def test_a_wrong_command_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The program's name is in the message, and the choice is among all commands."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    shown = capsys.readouterr().err
    assert ended.value.code == 2
    assert "venue-monitor: error: " in shown
    assert "xyzzy" not in arguments or ("zones" in shown and "demo" in shown)


def imported_by(*arguments: str) -> set[str]:
    """The libraries and the parts of the monitor that a command imports."""
    program = (
        f"import sys; from contextlib import suppress; from monitor.cli import main\n"
        f"with suppress(SystemExit): main({list(arguments)})\n"
        f"print(*sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {*shown.stdout.split()}


@pytest.mark.parametrize("arguments", [["--help"], [], ["alrts"]])
def test_help_imports_no_command(arguments: list[str]) -> None:
    """What the program can do, and a misspelled command, is answered without any part of the monitor."""
    heavy = {"asyncio", "rich", "monitor.config", "monitor.core.events", "monitor.journal"}
    assert imported_by(*arguments).isdisjoint(HEAVY | heavy)


def test_a_list_of_alerts_imports_nothing_of_the_running_monitor() -> None:
    """An officer who asks what is wrong waits for the journal and the words, and for nothing else."""
    heavy = {"asyncio", "paho", "rich.live", "monitor.mqtt", "monitor.core.engine", "monitor.web"}
    assert imported_by("alerts").isdisjoint(HEAVY | heavy)


def test_a_command_imports_only_what_it_needs() -> None:
    """An officer does not wait for the libraries of the running monitor."""
    assert imported_by("rules", "list").isdisjoint(HEAVY)


def test_the_monitor_imports_no_service_that_it_does_not_use() -> None:
    """Without a roster nor an InfluxDB, a start does not wait for their libraries."""
    assert imported_by("schema").isdisjoint({"apprise", "influxdb_client"})


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [(["alrts"], "alerts"), (["rules", "explai"], "explain"), (["completion", "bsh"], "bash")],
)
def test_a_misspelled_word_is_corrected(
    arguments: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The nearest command, part of a command or choice is named instead of all of them."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    shown = capsys.readouterr().err
    assert ended.value.code == 2
    assert f'there is no "{arguments[-1]}"; did you mean "{meant}"?' in shown
    assert "choose from" not in shown


def test_without_a_deployment_the_first_step_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there is no config.toml, no command says how to get one; as for any mistake, the exit code is 2."""
    monkeypatch.chdir(tmp_path)

    assert main([]) == MISTAKES
    shown = capsys.readouterr().err
    assert "There is no config.toml here" in shown
    assert "venue-monitor init DIR" in shown
    assert len(shown.splitlines()) <= 6


def test_with_a_deployment_the_next_steps_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is one, they are commands that can be copied."""
    config = ROOT / "config.toml"
    assert main(["--config", str(config)]) == MISTAKES

    shown = capsys.readouterr().err
    assert f"venue-monitor --config {config} run" in shown
    assert "init" not in shown
    assert len(shown.splitlines()) <= 6


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    """It can be compared with the changelog."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert ended.value.code == OK
    assert capsys.readouterr().out == f"venue-monitor {project['version']}\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_gets_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The script for each shell completes all commands, and options of one of them."""
    assert main(["completion", shell]) == OK

    script = capsys.readouterr().out
    for name in (row for rows in MODULES.values() for row in rows):
        assert name in script
    assert "--accept-loss" in script or "-l accept-loss" in script


@pytest.fixture(scope="module")
def bash_script() -> str:
    """What a person puts into bash."""
    command = [sys.executable, "-m", "monitor", "completion", "bash"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["al"], {"alerts"}),
        (["journal", "ver"], {"verify"}),
        (["run", "--acc"], {"--accept-loss"}),
        (["completion", ""], {"bash", "zsh", "fish"}),
    ],
)
def test_bash_completes(bash_script: str, words: list[str], expected: set[str]) -> None:
    """The script works in a real shell, which is asked as for a press of Tab."""
    line = ["venue-monitor", *words]
    ask = (
        f"{bash_script}\nCOMP_WORDS=({shlex.join(line)}); COMP_CWORD={len(line) - 1}\n"
        'function="$(complete -p venue-monitor)"; function="${function##* -F }"\n'
        '"${function%% *}" venue-monitor "${COMP_WORDS[-1]}"; printf \'%s\\n\' "${COMPREPLY[@]}"'
    )
    shown = subprocess.run(
        ["/bin/bash", "-c", ask], capture_output=True, text=True, check=True
    ).stdout

    assert {word.strip() for word in shown.splitlines()} == expected
