"""What Grafana 13 allows in a dashboard, by the schema that it publishes in ``@grafana/schema``."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft7Validator

from tests.support.npm import built

_SOURCE = Path(__file__).parent / "grafana_contract"
OLDER = {"options": "footer", "custom": "hidden", "cellOptions": "wrapText"}
"""Of a table, its columns and cells: the key that only Grafana 12.1 and older know; newer ones have another for it."""


def refusals(board: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the schema doesn't allow in a dashboard, each with its path."""
    yield from _of("dashboard", board, "")
    for panel in board.get("panels", ()):
        kind, title = panel["type"], panel.get("title", "")
        yield from _of(f"options/{kind}", _newer("options", panel.get("options", {})), title)
        for custom in _custom(panel.get("fieldConfig", {})):
            yield from _of(f"custom/{kind}", custom, title)
        for target in panel.get("targets", ()):
            yield from _of("query", target, title)


def _custom(settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what a kind of panel has of its own in the settings of its fields."""
    given = [settings.get("defaults", {}).get("custom", {})]
    for override in settings.get("overrides", ()):
        said = {row["id"]: row.get("value") for row in override["properties"]}
        own = (key for key in said if key.startswith("custom."))
        given.append({key.removeprefix("custom."): said[key] for key in own})
    for custom in given:
        cell = {key: _newer(key, custom[key]) for key in custom if key == "cellOptions"}
        yield _newer("custom", custom | cell)


def _newer(part: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != OLDER[part]}


def _of(part: str, given: object, title: str) -> Iterator[str]:
    for error in _validator(part).iter_errors(given):
        where = "/".join(map(str, (title, part, *error.instance_path)))
        yield f"{where.strip('/')}: {error.message}"


@cache
def _validator(part: str) -> Draft7Validator:
    schema = _contract()
    for name in part.split("/"):
        schema = schema["properties"].get(name) or {"not": {}}
    return Draft7Validator(schema)


@cache
def _contract() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((built(_SOURCE, "contract") / "contract.json").read_text())
    return found
