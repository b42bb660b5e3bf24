"""The description of the API is true: whatever it allows is answered as it says, and never with a defect."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.console import ADMIN, ConsoleSite

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = 8
"""Requests of each operation: fifteen operations take some seconds."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


async def test_whatever_is_allowed_is_answered_as_described(site: ConsoleSite) -> None:
    """Random requests of every operation, with a token that may do all of them."""
    await site.add("olga", "supervisor")
    ends = site.accounts.now() + timedelta(days=1)
    token = site.accounts.tokens.make(
        "olga", ["inspect", "approve", "view"], site="", ends_at=ends, label="", by=ADMIN
    )
    async with site.client() as client:
        described = (await client.get("/api/v1/openapi.json")).json()
    found = await asyncio.to_thread(_ask, described, site.url, token)
    assert len(found) >= 14
    assert {"PUT /api/v1/inspections/{key}", "PUT /api/v1/photos/{digest}"} <= found


def _ask(described: dict[str, Any], url: str, token: str) -> set[str]:
    """Send what the description allows; return the operations."""
    schema, asked = schemathesis.openapi.from_dict(described), set()
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        def send(case: Any) -> None:  # noqa: ANN401 - its own type
            case.call_and_validate(
                base_url=url, headers={"authorization": f"Bearer {token}"}, checks=CHECKS
            )

        send()
        asked.add(f"{operation.method.upper()} {operation.path}")
    return asked
