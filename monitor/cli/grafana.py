"""The command that brings the dashboards to a Grafana: grafana push."""

import argparse
import os
from pathlib import Path
from typing import Any

from monitor.config.secret import Secret
from monitor.errors import ConfigError
from monitor.grafana.client import Found, Grafana
from monitor.grafana.push import Folder, dashboards, plan
from monitor.grafana.source import influxdb

TOKEN = "GRAFANA_TOKEN"  # noqa: S105 - the name of a variable
INFLUX_SECRET = "INFLUX_SECRET"  # noqa: S105 - the name of a variable
DONE = {"make": "made", "change": "changed", "keep": "the same"}


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    grafana = commands.add_parser("grafana", help="show the dashboards in a Grafana that is there")
    parser = grafana.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "push", help="folder, data source and dashboards, made or brought up to date"
    )
    parser.add_argument("--url", required=True, help="Grafana's address")
    parser.add_argument(
        "--token-file", type=Path, help=f"a service account's token; left out, ${TOKEN}"
    )
    parser.add_argument("--dashboards", type=Path, help="their folder; left out, dashboards/")
    parser.add_argument(
        "--folder", default=Folder().title, help="title of the folder (%(default)s)"
    )
    parser.add_argument("--folder-uid", default=Folder().uid, help="its uid (%(default)s)")
    parser.add_argument(
        "--influx-url",
        help="where Grafana finds InfluxDB; left out, the data source has to be there",
    )
    parser.add_argument("--influx-generation", choices=("1", "2", "3"), default="2")
    parser.add_argument("--influx-database", default="venue", help="or bucket (%(default)s)")
    parser.add_argument("--influx-user", default="", help="InfluxDB 1: the name")
    parser.add_argument(
        "--influx-secret-file",
        type=Path,
        help=f"InfluxDB's token, or with 1 its password; left out, ${INFLUX_SECRET}, if it is set",
    )
    parser.add_argument("--message", default="venue-monitor grafana push", help="for its history")
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would change, and how"
    )
    parser.set_defaults(run=_push)


def _push(given: argparse.Namespace) -> None:
    token = _secret(given.token_file, TOKEN)
    if token is None:
        raise ConfigError([f"a token is needed: --token-file FILE, or ${TOKEN}"])
    if not given.url.startswith(("http://", "https://")):
        raise ConfigError([f'--url: "{given.url}" is no address; write e.g. https://grafana:3000/'])
    boards = dashboards(given.dashboards or given.config.parent / "dashboards")
    grafana = Grafana(given.url, token)
    print(f"{grafana.url}: Grafana {grafana.version()}")
    folder = Folder(given.folder_uid, given.folder)
    for step in plan(grafana, folder, boards, _source(given), given.message):
        if given.dry_run:
            print(
                f"{step.what}: would {step.verb}"
                if step.verb != "keep"
                else f"{step.what}: the same"
            )
            if step.diff:
                print(step.diff)
            continue
        if step.verb != "keep":
            step.do()
        print(f"{step.what}: {DONE[step.verb]}")


def _source(given: argparse.Namespace) -> Found | None:
    if not given.influx_url:
        return None
    secret = _secret(given.influx_secret_file, INFLUX_SECRET)
    return influxdb(
        given.influx_generation, given.influx_url, given.influx_database, given.influx_user, secret
    )


def _secret(path: Path | None, variable: str) -> Secret | None:
    if path is None:
        text = os.environ.get(variable, "").strip()
        return Secret(text) if text else None
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: can't be read: {error}"]) from error
    if not text:
        raise ConfigError([f"{path}: is empty; it has to hold the secret and nothing else"])
    return Secret(text)
