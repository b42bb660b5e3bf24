"""Commands about the history in InfluxDB: metrics."""

import argparse
from typing import Any

from monitor.sinks.influx.page import page


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    parser = commands.add_parser(
        "metrics", help="every measurement in InfluxDB with its tags and fields, as a page"
    )
    parser.set_defaults(run=_metrics)


def _metrics(_: argparse.Namespace) -> None:
    print(page(), end="")
