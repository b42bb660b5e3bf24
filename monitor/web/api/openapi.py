"""The description of the API as OpenAPI has it: what Litestar knows of the routes, with the bodies that they read."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Litestar, Router
from litestar.openapi import OpenAPIConfig

from monitor.runtime.version import program_version
from monitor.web.api.actions import RIGHTS, Report
from monitor.web.api.decisions import Decision
from monitor.web.api.form import Form, SingleAnswer
from monitor.web.api.phones import SigningKeyAsked
from monitor.web.api.photos import Asked
from monitor.web.api.problem import MEDIA_TYPE, PREFIX, Problem

BODIES: Mapping[tuple[str, str], type[msgspec.Struct]] = {
    ("/inspections/{key}", "put"): Form,
    ("/items/{key}", "put"): SingleAnswer,
    ("/photos/lacking", "post"): Asked,
    ("/inspections/{inspection}/approve", "post"): Decision,
    ("/inspections/{inspection}/reject", "post"): Decision,
    **{(f"/actions/{{action}}/{act}", "post"): Report for act in RIGHTS},
    ("/signing-keys", "post"): SigningKeyAsked,
}
"""What each route reads: it takes the bytes themselves, whose digest counts, so that Litestar does not know it."""
_REFERENCE = "#/components/schemas/{name}"


def described(router: Router) -> dict[str, Any]:
    """Return the description of the routes of the API."""
    made = Litestar(
        [router],
        openapi_config=OpenAPIConfig(title="venue-monitor", version=program_version() or "0"),
        logging_config=None,
    )
    found = made.openapi_schema.to_schema()
    bodies = list(dict.fromkeys([*BODIES.values(), Problem]))
    references, components = msgspec.json.schema_components(bodies, ref_template=_REFERENCE)
    schema_of = dict(zip(bodies, references, strict=True))
    found.setdefault("components", {}).setdefault("schemas", {}).update(components)
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            body = BODIES.get((path.removeprefix(PREFIX), method))
            if body is not None:
                content = {"application/json": {"schema": schema_of[body]}}
                operation["requestBody"] = {"required": True, "content": content}
            operation["responses"] = _responses(operation["responses"], method, schema_of[Problem])
    photo = found["paths"][f"{PREFIX}/photos/{{digest}}"]
    binary = {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}
    photo["put"]["requestBody"] = {"required": True, "content": binary}
    photo["get"]["responses"]["200"] = {"description": "The photo.", "content": binary}
    lists = found["paths"][f"{PREFIX}/my/lists"]["get"]["responses"]
    lists["304"] = {"description": "The caller has them."}
    return found


def _responses(known: Mapping[str, Any], method: str, problem: object) -> dict[str, Any]:
    """Return the responses of an operation: a repetition of what was put is 200, and refusals are problems."""
    found = {status: row for status, row in known.items() if status.startswith("2")}
    found.get("204", {}).pop("content", None)
    if method == "put":
        found["200"] = found["201"]
    refused = {"description": "Refused.", "content": {MEDIA_TYPE: {"schema": problem}}}
    return found | {"4XX": refused, "507": refused}
