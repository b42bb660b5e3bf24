"""The command that runs the monitor."""

import argparse
import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path

from monitor.app.broker_address import address_of
from monitor.app.deployment import load_all
from monitor.app.rule_files import load_rule_set
from monitor.app.run import run
from monitor.cli.commands import Commands
from monitor.config import Config
from monitor.config import read as read_config
from monitor.core.rules.model import RuleSet
from monitor.errors import ConfigError
from monitor.runtime.clock import Clock, SystemClock
from monitor.runtime.logs import set_up
from monitor.runtime.shared_clock import open_clock
from monitor.standby.primary import Primary
from monitor.standby.take_over import TakeOver, prepare
from monitor.venue import load as load_venue


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser("run")
    parser.add_argument(
        "--clock",
        metavar="CLOCK",
        help="for demonstrations: a clock that starts at this time and runs faster, e.g. 60@2026-01-01T08:00:00Z; "
        "a journal is continued from where it ends; or file:PATH, a clock that another process sets",
    )
    parser.add_argument(
        "--accept-loss",
        action="store_true",
        help="continue although the journal has lost history; the journal records who accepted it",
    )
    parser.add_argument(
        "--take-over",
        action="store_true",
        help="on the standby: end the copying, and continue in the place of the primary, which is gone",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="with --take-over: although the primary may be running; two at a time share the messages at random",
    )
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    config, rules = _read(given.config)
    set_up(config.log.level, config.log.format)
    clock: Clock = open_clock(given.clock) if given.clock else SystemClock()
    if given.force and not given.take_over:
        raise ConfigError(["--force: only together with --take-over"])
    take_over = asyncio.run(_take_over(config, given, clock)) if given.take_over else None
    read = partial(load_rule_set, given.config, config.files)
    # A take-over is a person's word that what the copy lacks is lost.
    accept_loss = given.accept_loss or take_over is not None
    started = run(config, rules, read, clock, accept_loss=accept_loss, take_over=take_over)
    asyncio.run(started)
    return 0


async def _take_over(config: Config, given: argparse.Namespace, clock: Clock) -> TakeOver | None:
    """Make sure that the primary is gone, and end the copying; ``None`` if that was done before.

    Raises:
        MonitorError: there is no standby, or the primary is running.

    """
    if config.standby is None or config.broker is None:
        raise ConfigError([f"{given.config}: [standby]: missing; without it there is no copy"])
    congress = load_venue(config.files.venue, config.files.checklists).congress.id
    address = address_of(config.broker)
    return await prepare(
        config,
        config.standby,
        Primary(config.standby, address, congress),
        clock.now(),
        force=given.force,
    )


def _read(path: Path) -> tuple[Config, RuleSet | None]:
    """Return the configuration and the rules; no rules if they have mistakes and the journal has earlier ones.

    Raises:
        ConfigError: the monitor can't run; with all mistakes, and before anything is written.

    """
    settings = read_config(path)
    if settings.mistakes or not settings.whole().journal.path.exists():
        config, venue = load_all(path, people=True)
        return config, load_rule_set(path, config.files, venue)
    config, rules = settings.whole(), None
    with suppress(ConfigError):
        rules = load_rule_set(path, config.files)
    return config, rules
