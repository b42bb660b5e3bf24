"""Hypothesis profiles: the same examples every time under CI, new ones on a developer's machine."""

import os

from hypothesis import HealthCheck, settings

# The time that an example takes on a busy machine depends on the machine: nothing here is timed.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=False)

settings.register_profile("dev", UNTIMED, max_examples=50)
settings.register_profile("soak", UNTIMED, max_examples=5_000)
settings.register_profile("ci", UNTIMED, max_examples=50, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
