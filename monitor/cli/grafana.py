"""The command that installs the dashboards in an existing Grafana: grafana push."""

import argparse
import os
from pathlib import Path

from monitor.app.deployment import load_all
from monitor.cli.commands import Commands
from monitor.config.secret import Secret
from monitor.errors import ConfigError
from monitor.grafana.client import Grafana, Json
from monitor.grafana.deployment import adapted, deployment_of
from monitor.grafana.push import Folder, dashboards, plan
from monitor.grafana.source import influxdb

TOKEN = "GRAFANA_TOKEN"  # noqa: S105 - the name of a variable
INFLUX_SECRET = "INFLUX_SECRET"  # noqa: S105 - the name of a variable
DONE = {"create": "created", "update": "updated", "keep": "unchanged"}


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    grafana = commands.add_parser("grafana")
    parser = grafana.add_subparsers(required=True, metavar="WHAT").add_parser(
        "push", help="create or update the folder, the data source and the dashboards"
    )
    parser.add_argument("--url", required=True, help="Grafana's address")
    parser.add_argument(
        "--token-file",
        type=Path,
        help=f"file with the token of a service account (default: ${TOKEN})",
    )
    parser.add_argument(
        "--dashboards", type=Path, help="folder of the dashboards (default: dashboards/)"
    )
    parser.add_argument(
        "--folder",
        default=Folder().title,
        help="title of the Grafana folder (default: %(default)s)",
    )
    parser.add_argument(
        "--folder-uid",
        default=Folder().uid,
        help="uid of the Grafana folder (default: %(default)s)",
    )
    parser.add_argument(
        "--influx-url",
        help="address of InfluxDB as seen from Grafana; without it, the data source must exist",
    )
    parser.add_argument(
        "--influx-generation",
        choices=("1", "2", "3"),
        default="2",
        help="major version of InfluxDB (default: %(default)s)",
    )
    parser.add_argument(
        "--influx-database", default="venue", help="database or bucket (default: %(default)s)"
    )
    parser.add_argument("--influx-user", default="", help="user name, for InfluxDB 1")
    parser.add_argument(
        "--influx-secret-file",
        type=Path,
        help=f"file with InfluxDB's token, or the password for InfluxDB 1 (default: ${INFLUX_SECRET})",
    )
    parser.add_argument(
        "--message",
        default="venue-monitor grafana push",
        help="message in the dashboards' version history (default: %(default)s)",
    )
    parser.add_argument("--dry-run", action="store_true", help="only print what would change")
    parser.set_defaults(run=_push)


def _push(given: argparse.Namespace) -> None:
    token = _secret(given.token_file, TOKEN)
    if token is None:
        raise ConfigError([f"no token: pass --token-file FILE, or set ${TOKEN}"])
    if not given.url.startswith(("http://", "https://")):
        raise ConfigError(
            [f'--url: "{given.url}" is not an address; write e.g. https://grafana:3000/']
        )
    here = deployment_of(*load_all(given.config))
    if not here.console:
        print(f"{given.config}: [http] has no public_url: the links of alerts lead nowhere")
    shipped = dashboards(given.dashboards or given.config.parent / "dashboards")
    boards = [adapted(board, here) for board in shipped]
    grafana = Grafana(given.url, token)
    print(f"{grafana.url}: Grafana {grafana.version()}")
    folder = Folder(given.folder_uid, given.folder)
    for step in plan(grafana, folder, boards, _source(given), given.message):
        if given.dry_run:
            print(
                f"{step.what}: {DONE['keep']}"
                if step.verb == "keep"
                else f"{step.what}: would be {DONE[step.verb]}"
            )
            if step.diff:
                print(step.diff)
            continue
        if step.verb != "keep":
            step.do()
        print(f"{step.what}: {DONE[step.verb]}")


def _source(given: argparse.Namespace) -> Json | None:
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
        raise ConfigError([f"{path}: is empty; write the secret into it, and nothing else"])
    return Secret(text)
