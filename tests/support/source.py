"""The running monitor as the console and the commands see it, over a pipeline of a test."""

from monitor.app.console import make_source
from monitor.web.source import Source
from tests.support.monitor import Monitor
from tests.support.pipeline import PipelineHarness


def source_of(line: PipelineHarness) -> Source:
    """Return a monitor without a roster."""
    return make_source(line.pipeline, None, Monitor(line).status)
