"""The JSON Schema of rule files, for editors: the names and forms that stand in the TOML."""

from typing import Any

import msgspec

from monitor.core.events import EVENT_TYPES
from monitor.core.rules.model import OPERATORS
from monitor.core.timing import PATTERN
from monitor.rules.read import TABLES, RuleFile

DURATION = {"type": "string", "pattern": f"^{PATTERN}$", "description": 'e.g. "30s", "2m", "1h"'}


def rule_schema() -> dict[str, Any]:
    """Return the schema of one file of the rules' folder."""
    schema: dict[str, Any] = _in_toml(msgspec.json.schema(RuleFile))
    parts = schema["$defs"]
    file = parts["RuleFile"]
    file["properties"] = {TABLES.get(name, name): row for name, row in file["properties"].items()}
    parts["Rule"]["oneOf"] = [{"required": [name]} for name in OPERATORS]
    parts["Selector"]["properties"]["on"] = _one_or_many({"enum": sorted(EVENT_TYPES)})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _in_toml(node: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a schema as TOML can say it: nothing is null, durations are texts, one text stands for a list of one."""
    if isinstance(node, list):
        return [_in_toml(row) for row in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") == "duration":
        return dict(DURATION)
    told = {key: _in_toml(row) for key, row in node.items() if (key, row) != ("default", None)}
    if isinstance(arms := told.get("anyOf"), list):
        arms = [row for row in arms if row != {"type": "null"}]
        told.pop("anyOf")
        told |= arms[0] if len(arms) == 1 else {"anyOf": arms}
    if told.get("type") == "array" and _is_text(told["items"]):
        default = {"default": told.pop("default")} if "default" in told else {}
        return _one_or_many(told.pop("items"), **told) | default
    return told


def _is_text(items: Any) -> bool:  # noqa: ANN401
    return isinstance(items, dict) and (items.get("type") == "string" or "enum" in items)


def _one_or_many(item: dict[str, Any], **limits: object) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "array", **limits, "items": item}]}
