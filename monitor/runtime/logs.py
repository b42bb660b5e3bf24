"""Sets up the log: one line per event on standard error, as text or JSON."""

import logging
import sys
from typing import Literal

import structlog

from monitor.runtime.screen_text import escaped


def set_up(
    level: Literal["debug", "info", "warning", "error"], form: Literal["text", "json"]
) -> None:
    """Write all events of this level and above; with ``json``, each line is one object."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks
            if form == "json"
            else structlog.processors.format_exc_info,
            *([] if form == "json" else [_escape]),
            structlog.processors.JSONRenderer()
            if form == "json"
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        # Looked up each time: standard error may have been replaced, and the earlier one closed.
        # The stream beneath one that escapes: the values are escaped already, and the colours are our own.
        logger_factory=lambda *_: structlog.PrintLogger(getattr(sys.stderr, "beneath", sys.stderr)),
    )


def _escape(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {
        name: escaped(value) if isinstance(value, str) else value for name, value in event.items()
    }
