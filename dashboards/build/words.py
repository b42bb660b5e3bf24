"""The texts of the dashboards in other languages: one file per language, with English on the left."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from dashboards.build.panel import BELIEVE, PERCENT, UNIT
from monitor.texts.language import POP_ISOLATE, RIGHT_TO_LEFT_ISOLATE, languages

Json = dict[str, Any]
FOLDER = Path(__file__).parent / "languages"
WRITTEN = ("msg", "headline", "rule_name")
"""Columns that are stored in each language, with its tag at the end of their names."""
_BEFORE = (f"{BELIEVE} ", PERCENT, UNIT)
"""What may stand before a text that is translated."""
_CODE = re.compile(r"(?:P\d:? |[✗✓▲‖] )?")
_MIXED = re.compile(r"[A-Za-z0-9]|\W$")
"""What moves to the wrong place in a text from right to left on a page from left to right: foreign words, numbers, a full stop."""
_COLUMN = re.compile(rf'"({"|".join(WRITTEN)})"')


class Words:
    """The texts in one language.

    Args:
        texts: translations by English text; empty for English itself.
        tag: the language.

    """

    def __init__(self, texts: dict[str, str], tag: str = "") -> None:
        self.texts = texts
        self.tag = tag
        self.missing: set[str] = set()
        """Texts without a translation, which stay English."""

    @classmethod
    def read(cls, language: str) -> Self:
        """Return the words of ``languages/<language>.toml``."""
        return cls(tomllib.loads((FOLDER / f"{language}.toml").read_text())["texts"], language)

    def translate(self, dashboard: Json) -> None:
        """Translate everything in a dashboard that people read, and ask for columns in the language."""
        if not self.texts:
            return
        for panel in dashboard["panels"]:
            self._lines(panel)
        for row, key in places(dashboard):
            row[key] = self._of(row[key])
        for panel in (*dashboard["panels"], *dashboard["annotations"]["list"]):
            self._columns(panel)

    def _of(self, text: str) -> str:
        said = translated(text)
        before = text.removesuffix(said)
        if before.startswith(BELIEVE):
            return self._in_order(f"{self._found(BELIEVE)} {self._found(said)}")
        return before + self._in_order(self._found(said))

    def _found(self, text: str) -> str:
        if text not in self.texts:
            self.missing.add(text)
        return self.texts.get(text, text)

    def _in_order(self, text: str) -> str:
        """Return a text that reads right on Grafana's pages, which are written from left to right; a code stays at the left."""
        code = _CODE.match(text)[0]  # type: ignore[index]  # it matches anything
        rest = text.removeprefix(code)
        if (
            self.tag not in languages()
            or not languages()[self.tag].is_rtl
            or not _MIXED.search(rest)
        ):
            return text
        return f"{code}{RIGHT_TO_LEFT_ISOLATE}{rest}{POP_ISOLATE}"

    def _lines(self, panel: Json) -> None:
        """Let the colour of a line follow its translated name."""
        names = {row["alias"] for row in panel.get("targets", ()) if "$tag" not in row["alias"]}
        for override in panel.get("fieldConfig", {}).get("overrides", ()):
            matched = override["matcher"]
            if matched["id"] == "byName" and matched["options"] in names - {""}:
                matched["options"] = self._of(matched["options"])

    def _columns(self, panel: Json) -> None:
        for target in (*panel.get("targets", ()), *filter(None, [panel.get("target")])):
            target["query"] = _COLUMN.sub(rf'"\1_{self.tag}"', target["query"])
        for override in panel.get("fieldConfig", {}).get("overrides", ()):
            override["matcher"]["options"] = self._column(override["matcher"]["options"])
        for step in panel.get("transformations", ()):
            reduced = step["options"].get("reduce", {})
            if "include" in reduced:
                reduced["include"] = [self._column(name) for name in reduced["include"]]
        by = panel.get("options", {}).get("reduceOptions", {})
        if by.get("fields"):
            by["fields"] = f"/^{self._column(by['fields'][2:-2])}$/"
        if "textColumn" in panel.get("target", {}):
            panel["target"]["textColumn"] = f"msg_{self.tag}"

    def _column(self, name: str) -> str:
        return f"{name}_{self.tag}" if name in WRITTEN else name


def translated(text: str) -> str:
    """Return the part of a text that has a translation of its own."""
    for before in _BEFORE:
        text = text.removeprefix(before)
    return text


def places(dashboard: Json) -> Iterator[tuple[Json, str]]:
    """Yield every place of a dashboard that holds a text for people, as an object and a key."""
    for row in (dashboard, *dashboard["panels"], *dashboard["templating"]["list"]):
        yield from _filled(row, "title", "label", "description")
    for row in dashboard["annotations"]["list"]:
        yield from _filled(row, "name")
    for row in dashboard["links"]:
        yield from _filled(row, "title")
    for panel in dashboard["panels"]:
        yield from _of_panel(panel)


def _of_panel(panel: Json) -> Iterator[tuple[Json, str]]:
    defaults = panel.get("fieldConfig", {}).get("defaults", {})
    yield from _filled(defaults, "noValue", "displayName")
    yield from _filled(defaults.get("custom", {}), "axisLabel")
    if defaults.get("unit", "").startswith(UNIT):
        yield from _filled(defaults, "unit")
    yield from _mapped(defaults.get("mappings", ()))
    for row in (*defaults.get("links", ()), *panel.get("options", {}).get("dataLinks", ())):
        yield from _filled(row, "title")
    for override in panel.get("fieldConfig", {}).get("overrides", ()):
        yield from _overridden(override["properties"])
    for by in panel.get("options", {}).get("sortBy") or ():
        yield from _filled(by, "displayName")
    for target in panel.get("targets", ()):
        if "$tag" not in target["alias"]:
            yield from _filled(target, "alias")


def _overridden(properties: list[Json]) -> Iterator[tuple[Json, str]]:
    for one in properties:
        match one["id"]:
            case "displayName" | "noValue":
                yield from _filled(one, "value")
            case "unit" if one["value"].startswith(UNIT):
                yield from _filled(one, "value")
            case "mappings":
                yield from _mapped(one["value"])
            case "links":
                for row in one["value"]:
                    yield from _filled(row, "title")
            case _:
                pass  # a width, a unit: nothing to read


def _mapped(mappings: Any) -> Iterator[tuple[Json, str]]:  # noqa: ANN401 - JSON
    for row in mappings:
        results = row["options"].values() if row["type"] == "value" else [row["options"]["result"]]
        for result in results:
            yield from _filled(result, "text")


def _filled(row: Json, *keys: str) -> Iterator[tuple[Json, str]]:
    for key in keys:
        if re.search(r"\w", str(row.get(key) or "")) and not str(row[key]).isdigit():
            yield row, key
