"""The JSON Schema of rule files for editors, with the names and forms of the TOML."""

from typing import Any

import msgspec

from monitor.core.events import EVENT_TYPES
from monitor.core.rules.model import OPERATORS
from monitor.core.timing import PATTERN
from monitor.rules.file import TABLES, RuleFile

DURATION = {"type": "string", "pattern": f"^{PATTERN}$", "description": 'e.g. "30s", "2m", "1h"'}


def rule_schema() -> dict[str, Any]:
    """Return the schema of one rule file."""
    schema: dict[str, Any] = _in_toml(msgspec.json.schema(RuleFile))
    parts = schema["$defs"]
    file = parts["RuleFile"]
    file["properties"] = {TABLES.get(name, name): row for name, row in file["properties"].items()}
    parts["Rule"]["oneOf"] = [{"required": [name]} for name in OPERATORS]
    parts["Selector"]["properties"]["on"] = _one_or_many({"enum": sorted(EVENT_TYPES)})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _in_toml(node: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a schema in terms of TOML: without null, durations as text, and a single text for a list of one."""
    if isinstance(node, list):
        return [_in_toml(row) for row in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") == "duration":
        return dict(DURATION)
    schema = {key: _in_toml(row) for key, row in node.items() if (key, row) != ("default", None)}
    if isinstance(arms := schema.get("anyOf"), list):
        arms = [row for row in arms if row != {"type": "null"}]
        schema.pop("anyOf")
        schema |= arms[0] if len(arms) == 1 else {"anyOf": arms}
    if schema.get("type") == "array" and _is_text(schema["items"]):
        default = {"default": schema.pop("default")} if "default" in schema else {}
        return _one_or_many(schema.pop("items"), **schema) | default
    return schema


def _is_text(items: Any) -> bool:  # noqa: ANN401
    return isinstance(items, dict) and (items.get("type") == "string" or "enum" in items)


def _one_or_many(item: dict[str, Any], **limits: object) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "array", **limits, "items": item}]}
