"""The command that makes labels for zones and doors, which phones scan: labels."""

import argparse
from pathlib import Path

from monitor.cli.commands import Commands
from monitor.config import load as load_config
from monitor.errors import ConfigError
from monitor.texts import best
from monitor.toml.words import no_such
from monitor.venue import load as load_venue
from monitor.web.form.labels import SHEETS, labels, sheets


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser("labels")
    parser.add_argument("file", type=Path, help="the HTML file to write")
    parser.add_argument("--site", default="", help="only this site")
    parser.add_argument(
        "--sheet",
        choices=list(SHEETS),
        default="3x7",
        help="how many labels across and down on A4 (default: %(default)s)",
    )
    parser.set_defaults(run=_labels)


def _labels(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    venue = load_venue(config.files.venue)
    if not config.http.public_url:
        raise ConfigError(
            [
                f"{given.config}: labels hold the address of the monitor; write it as `public_url` of [http]"
            ]
        )
    known = [row.id for row in venue.sites]
    if given.site and given.site not in known:
        raise ConfigError([no_such("site", given.site, known)])
    rows = list(labels(venue, config.http.public_url.rstrip("/"), given.site))
    language = best(venue.congress.languages)
    page = sheets(rows, SHEETS[given.sheet], language, venue.congress.name or "Labels")
    try:
        given.file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{given.file}: {error.strerror or error}"]) from error
    print(f"{given.file}: {len(rows)} labels; open it in a browser and print it at 100 %")
    return 0
