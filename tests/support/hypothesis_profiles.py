"""Chooses how hard Hypothesis looks: the same examples every time under CI, fresh ones on a developer's machine."""

import os

from hypothesis import HealthCheck, settings

# How fast an example runs, or is made, on a busy machine says nothing about the code: nothing here is timed.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=False)

settings.register_profile("dev", UNTIMED, max_examples=50)
settings.register_profile("soak", UNTIMED, max_examples=5_000)
settings.register_profile("ci", UNTIMED, max_examples=50, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
