"""The commands of a cluster: check, inbox, ticker, submit, reader, import, status, sites, forget."""

import argparse
import asyncio
import getpass
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

import msgspec

from monitor.cli.commands import Commands
from monitor.config import Config, load
from monitor.config.cluster import ClusterTable
from monitor.errors import ConfigError, first

MISSING = "needs packages that are missing; run pip install 'venue-monitor[cluster]' (Python 3.11 or 3.12)"


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    actions = commands.add_parser("cluster").add_subparsers(metavar="ACTION", required=True)
    check = actions.add_parser("check", help="list what is wrong with the topics")
    check.add_argument("--create", action="store_true", help="create the topics that are missing")
    check.set_defaults(run=_check)
    inbox = actions.add_parser("inbox", help="take the messages of this site in until SIGTERM")
    inbox.set_defaults(run=_inbox)
    ticker = actions.add_parser("ticker", help="write the time into the log until SIGTERM; run two")
    ticker.set_defaults(run=_ticker)
    submit = actions.add_parser("submit", help="start the job in Flink")
    submit.add_argument("--savepoint", default="", help="continue from this savepoint")
    submit.set_defaults(run=_submit)
    reader = actions.add_parser(
        "reader",
        help="write what comes out of this site into its journal, deliver it, page people, and serve the console",
    )
    reader.set_defaults(run=_reader)
    bring = actions.add_parser(
        "import", help="bring a site over from one machine: its journal, with `run` stopped"
    )
    bring.set_defaults(run=_import)
    status = actions.add_parser(
        "status",
        help="show whether time passes, the job runs, and each site has its programs; if not, the exit code is 1",
    )
    status.add_argument("--json", action="store_true", help="print it as JSON")
    status.set_defaults(run=_status)
    sites = actions.add_parser("sites", help="list all sites with their open alerts and consoles")
    sites.add_argument("--json", action="store_true", help="print it as JSON")
    sites.set_defaults(run=_sites)
    forget = actions.add_parser(
        "forget", help="expect no inbox and no reader of a site that has been given up"
    )
    forget.add_argument("site", help="the id of its congress")
    forget.set_defaults(run=_forget)


def _check(given: argparse.Namespace) -> int:
    _, table = _settings(given)
    from monitor.cluster.topics import create_topics, topic_mistakes  # noqa: PLC0415 - an extra

    if given.create:
        for name in create_topics(table):
            print(f"created {name}")
    mistakes = list(topic_mistakes(table))
    print(*mistakes or ["all topics are as they should be"], sep="\n")
    return 1 if mistakes else 0


def _inbox(given: argparse.Namespace) -> int:
    config, table = _settings(given)
    from monitor.app.rule_files import load_rule_set  # noqa: PLC0415
    from monitor.cluster.run_inbox import run_inbox  # noqa: PLC0415
    from monitor.runtime.clock import SystemClock  # noqa: PLC0415

    if config.broker is None:
        raise ConfigError([f"{given.config}: [broker]: missing; in a cluster there is none inside"])
    path = given.config

    def job(reload: asyncio.Event) -> Coroutine[Any, Any, None]:
        return run_inbox(
            config,
            table,
            lambda: load_rule_set(path, config.files),
            getpass.getuser(),
            SystemClock(),
            reload,
        )

    _run_until_stopped(config, job)
    return 0


def _ticker(given: argparse.Namespace) -> int:
    config, table = _settings(given)
    from monitor.cluster.log_connection import LogConnection  # noqa: PLC0415
    from monitor.cluster.settings import Topics  # noqa: PLC0415
    from monitor.cluster.ticker import Ticker  # noqa: PLC0415
    from monitor.runtime.clock import SystemClock  # noqa: PLC0415

    connection = LogConnection(table.brokers, Topics(table.prefix).log)
    _run_until_stopped(config, lambda _: Ticker(connection, SystemClock()).run())
    return 0


def _reader(given: argparse.Namespace) -> int:
    config, table = _settings(given)
    from monitor.app.rule_files import load_rule_set  # noqa: PLC0415
    from monitor.cluster.run_reader import run_reader  # noqa: PLC0415
    from monitor.runtime.clock import SystemClock  # noqa: PLC0415

    site = load_rule_set(given.config, config.files).venue.congress.id
    _run_until_stopped(config, lambda _: run_reader(config, table, site, SystemClock()))
    return 0


def _submit(given: argparse.Namespace) -> int:
    config, table = _settings(given)
    from monitor.cluster.submit import submit  # noqa: PLC0415

    print(submit(config, table, given.savepoint))
    return 0


def _import(given: argparse.Namespace) -> int:
    config, table = _settings(given)
    from monitor.cluster.run_import import run_import  # noqa: PLC0415

    site = asyncio.run(run_import(config, table, getpass.getuser()))
    print(f"{site} continues in the cluster; start its inbox, and `run` no more")
    return 0


def _status(given: argparse.Namespace) -> int:
    _, table = _settings(given)
    from monitor.cluster.status import read_status  # noqa: PLC0415

    status = read_status(table)
    troubles = list(status.troubles)
    well = (
        f"time passes in all {status.partitions} partitions, the job runs, "
        f"and {len(status.sites)} sites have an inbox and a reader"
    )
    if given.json:
        print(msgspec.json.encode({**msgspec.to_builtins(status), "troubles": troubles}).decode())
    else:
        print(
            *troubles or [well],
            sep="\n",
        )
    return 1 if troubles else 0


def _sites(given: argparse.Namespace) -> int:
    _, table = _settings(given)
    from monitor.cluster.sites_board import write_board  # noqa: PLC0415
    from monitor.cluster.status import read_sites  # noqa: PLC0415

    sites = read_sites(table)
    if given.json:
        print(msgspec.json.encode(sites).decode())
    else:
        print(*write_board(sites, datetime.now(UTC)), sep="\n")
    return 0


def _forget(given: argparse.Namespace) -> int:
    _, table = _settings(given)
    from monitor.cluster.status import forget_site  # noqa: PLC0415

    if not forget_site(table, given.site):
        print(f"{given.site}: no such site; `venue-monitor cluster sites` lists them")
        return 1
    print(f"{given.site}: its inbox and reader are not expected any more")
    return 0


def _settings(given: argparse.Namespace) -> tuple[Config, ClusterTable]:
    """Return the configuration with its table.

    Raises:
        ConfigError: it has mistakes, or no such table, or the extra is not installed.

    """
    config = load(given.config)
    if config.cluster is None:
        raise ConfigError([f"{given.config}: [cluster]: missing; it names the brokers of Kafka"])
    if find_spec("confluent_kafka") is None:
        raise ConfigError([f"venue-monitor cluster: {MISSING}"])
    return config, config.cluster


def _run_until_stopped(
    config: Config, job: Callable[[asyncio.Event], Coroutine[Any, Any, None]]
) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP sets the event."""
    from monitor.runtime import systemd  # noqa: PLC0415
    from monitor.runtime.logs import set_up  # noqa: PLC0415

    set_up(config.log.level, config.log.format)

    async def run() -> None:
        reload = asyncio.Event()
        running = asyncio.ensure_future(job(reload))
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, reload.set)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, running.cancel)
        systemd.notify("READY=1")
        with suppress(asyncio.CancelledError):
            await running

    try:
        asyncio.run(run())
    except BaseExceptionGroup as group:
        raise first(group) from group
