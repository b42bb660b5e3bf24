"""docs/architecture.md shows the alert table as it is."""

import re
from pathlib import Path

from monitor.core.alert import TABLE, Handling

PAGE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text()


def test_the_diagram_shows_every_step_of_the_table_and_no_other() -> None:
    """Whoever reads the picture knows what an alert can do."""
    shown = {
        (before, after, act)
        for before, after, acts in re.findall(r"^    (\w+) --> (\w+): (.+)$", PAGE, re.MULTILINE)
        for act in acts.split(", ")
    }
    table = {
        (f"{condition}_{handling}", "closed" if to is Handling.CLOSED else f"{then}_{to}", str(act))
        for (condition, handling), acts in TABLE.items()
        for act, (then, to) in acts.items()
    }

    assert shown == table
