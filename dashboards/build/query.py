"""InfluxQL queries, which the SDK doesn't have."""

from typing import Any

from grafana_foundation_sdk.cog import runtime, variants
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.common import DataSourceRef

SOURCE = "venue-influx"
"""The uid of the provisioned data source."""


def source() -> DataSourceRef:
    """Return the reference to the data source."""
    return DataSourceRef(type_val="influxdb", uid=SOURCE)


class InfluxQL(variants.Dataquery, Builder[variants.Dataquery]):
    """One query, and its own builder.

    Args:
        text: the query, with variables as ``=~ /^$name$/`` and times as ``$timeFilter`` or relative to ``now()``.
        alias: the names of the series, e.g. ``$tag_zone``; empty for a table.
        ref: the query's letter in the panel.
        table: whether to return rows with all columns and tags, not series over time.

    """

    def __init__(self, text: str, alias: str = "", ref: str = "A", *, table: bool = False) -> None:
        self.text = text
        self.alias = alias
        self.ref = ref
        self.table = table

    def build(self) -> variants.Dataquery:
        """Return the query itself."""
        return self

    def to_json(self) -> dict[str, object]:
        """Return the query as Grafana stores it."""
        return {
            "alias": self.alias,
            "datasource": source(),
            "query": self.text,
            "rawQuery": True,
            "refId": self.ref,
            "resultFormat": "table" if self.table else "time_series",
        }

    @classmethod
    def from_json(cls, target: dict[str, Any]) -> "InfluxQL":
        """Return the query that Grafana has stored."""
        return cls(
            target["query"],
            target["alias"],
            target["refId"],
            table=target["resultFormat"] == "table",
        )


def register() -> None:
    """Register the query type with the SDK, so that it can read dashboards back."""
    runtime.Runtime().register_dataquery_variant(
        runtime.DataqueryConfig(identifier="influxdb", from_json_hook=InfluxQL.from_json)
    )


def series(text: str, alias: str, ref: str = "A") -> InfluxQL:
    """Return a query for series over time."""
    return InfluxQL(text, alias, ref)


def grouped(columns: str, text: str, where: str = "", ref: str = "A") -> InfluxQL:
    """Return a query for a table with a row for each group of another query, and these columns of it.

    Grafana's backend returns the tags of a group in random order for each row: with two tags, a zone could appear in
    the column of the site. As columns of an outer query without groups they keep their places.
    """
    names = ", ".join(f'"{name}"' for name in columns.split())
    return rows(f"SELECT {names} FROM ({text})" + (f" WHERE {where}" if where else ""), ref)


def counted(columns: str, latest: str, where: str, tags: str) -> InfluxQL:
    """Return a query for a table of alert events: for each group, how many (``n``) and the latest of some fields.

    InfluxDB 1.13 gives a sum and a `last` of one group in rows of their own when an outer query has no groups;
    taken together once more by groups, they stay in one, there as in 1.6.
    """
    groups = ", ".join(f'"{tag}"' for tag in tags.split())
    fields = ", ".join(f'last("{field}") AS "{field}"' for field in latest.split())
    counts = f'SELECT sum("n") AS "n", {fields} FROM "alert_event" {where} GROUP BY {groups}'
    return grouped(columns, f'SELECT last("n") AS "n", {fields} FROM ({counts}) GROUP BY {groups}')


def rows(text: str, ref: str = "A") -> InfluxQL:
    """Return a query for a table."""
    return InfluxQL(text, ref=ref, table=True)
