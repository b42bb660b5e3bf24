"""The JSON Schema of rule files: what an editor offers is what the loader accepts."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.core.rules.model import OPERATORS
from monitor.rules.schema import rule_schema

FOLDER = Path(__file__).parents[2] / "rules"
FILES = sorted(path for path in FOLDER.glob("*.toml") if not path.name.endswith(".venue.toml"))
SCHEMA = rule_schema()


def wrong(  # noqa: C901 - one branch for each word of JSON Schema
    value: object, schema: dict[str, Any], way: str
) -> Iterator[str]:
    """Interpret the part of JSON Schema that ours uses; yield where a value does not fit."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")] | {
            key: row for key, row in schema.items() if key != "$ref"
        }
    for several in ("anyOf", "oneOf"):
        fitting = [row for row in schema.get(several, ()) if not list(wrong(value, row, way))]
        if several in schema and (not fitting or (several == "oneOf" and len(fitting) > 1)):
            yield f"{way}: {several}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{way}: {value}"
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
    kind = kinds.get(schema.get("type", ""), object)
    if not isinstance(value, kind):
        yield f"{way}: no {schema['type']}"
    elif isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{way}: {value}"
    elif isinstance(value, dict):
        yield from (f"{way}: no {key}" for key in schema.get("required", ()) if key not in value)
        others = schema.get("additionalProperties", {})
        for key, row in value.items():
            known = schema.get("properties", {}).get(key, others)
            yield from [f"{way}.{key}"] if known is False else wrong(row, known, f"{way}.{key}")
    elif isinstance(value, list):
        for row in value:
            yield from wrong(row, schema.get("items", {}), way)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_shipped_file_fits(path: Path) -> None:
    """An editor does not underline a rule that the loader accepts."""
    assert list(wrong(tomllib.loads(path.read_text(encoding="utf-8")), SCHEMA, "")) == []


def test_it_describes_toml() -> None:
    """Nothing is null, durations are texts, and an event type is one of the known ones."""
    shown = str(SCHEMA)
    selector = SCHEMA["$defs"]["Selector"]["properties"]["on"]

    assert "null" not in shown
    assert "'format': 'duration'" not in shown
    assert "door.opened" in selector["anyOf"][0]["enum"]
    assert list(wrong({"rule": [{}]}, SCHEMA, ""))
    assert [row["required"] for row in SCHEMA["$defs"]["Rule"]["oneOf"]] == [
        [row] for row in OPERATORS
    ]
