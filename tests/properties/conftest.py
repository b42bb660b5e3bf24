"""Leave the laws out of the measured coverage."""

import sys
from collections.abc import Iterator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Run a test of this folder untraced: chance visits lines that no assertion holds, and tracing doubles the time.

    The mark `no_cover` would do if pytest-cov did not start a second tracer in each worker of xdist.
    """
    trace = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(trace)
