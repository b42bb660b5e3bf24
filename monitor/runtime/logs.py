"""Sets up the log: one line an event, for people or for machines, on standard error."""

import logging
import sys
from typing import Literal

import structlog


def set_up(
    level: Literal["debug", "info", "warning", "error"], form: Literal["text", "json"]
) -> None:
    """Let everything from this level up be written; with ``json`` each line is one object."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks
            if form == "json"
            else structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer()
            if form == "json"
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        # Asked anew each time: standard error may be another by then, and the one before closed.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
