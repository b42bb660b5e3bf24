"""Forms as a phone sends them, for the checklist ``check`` of the trial venue."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

PASSES: Sequence[dict[str, Any]] = (
    {"item": "exits-free", "result": "pass"},
    {"item": "cold-store", "result": "pass", "value": 3.5, "unit": "celsius"},
)


def form_body(at: datetime, items: Sequence[dict[str, Any]] = PASSES, **fields: object) -> bytes:
    """Return the body of a form that was finished a minute before it was frozen."""
    return json.dumps(
        {
            "schema": 1,
            "checklist": "check",
            "inspection": "visit-1",
            "started_at": (at - timedelta(minutes=9)).isoformat(),
            "finished_at": (at - timedelta(minutes=1)).isoformat(),
            "at": at.isoformat(),
            "items": list(items),
            **fields,
        }
    ).encode()
