"""InfluxQL as the dashboards send it: the SDK knows no such query."""

from typing import Any

from grafana_foundation_sdk.cog import runtime, variants
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.common import DataSourceRef

SOURCE = "venue-influx"
"""Uid of the data source, as provisioned."""


def source() -> DataSourceRef:
    """Return the reference to the data source."""
    return DataSourceRef(type_val="influxdb", uid=SOURCE)


class InfluxQL(variants.Dataquery, Builder[variants.Dataquery]):
    """One query, and its own builder.

    Args:
        text: the query; variables as ``=~ /^$name$/``, times as ``$timeFilter`` or back from ``now()``.
        alias: names the series, e.g. ``$tag_zone``; empty for a table.
        ref: its letter in the panel.
        table: rows with all columns and tags; otherwise series over time.

    """

    def __init__(self, text: str, alias: str = "", ref: str = "A", *, table: bool = False) -> None:
        self.text = text
        self.alias = alias
        self.ref = ref
        self.table = table

    def build(self) -> variants.Dataquery:
        """Return itself."""
        return self

    def to_json(self) -> dict[str, object]:
        """Return what Grafana keeps of it."""
        return {
            "alias": self.alias,
            "datasource": source(),
            "query": self.text,
            "rawQuery": True,
            "refId": self.ref,
            "resultFormat": "table" if self.table else "time_series",
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "InfluxQL":
        """Return what was kept; for reading dashboards back."""
        return cls(
            told["query"], told["alias"], told["refId"], table=told["resultFormat"] == "table"
        )


def register() -> None:
    """Teach the SDK to read such a query back."""
    runtime.Runtime().register_dataquery_variant(
        runtime.DataqueryConfig(identifier="influxdb", from_json_hook=InfluxQL.from_json)
    )


def series(text: str, alias: str, ref: str = "A") -> InfluxQL:
    """Return a query for series over time."""
    return InfluxQL(text, alias, ref)


def grouped(columns: str, text: str, where: str = "") -> InfluxQL:
    """Return a query for a table with a row for each group of another one, and these columns of it.

    Grafana's backend walks the tags of a group in random order, another for each row: with two of them a zone would
    stand where a site should. As columns of an outer query without groups they keep their places.
    """
    names = ", ".join(f'"{name}"' for name in columns.split())
    return rows(f"SELECT {names} FROM ({text})" + (f" WHERE {where}" if where else ""))


def rows(text: str, ref: str = "A") -> InfluxQL:
    """Return a query for a table."""
    return InfluxQL(text, ref=ref, table=True)
