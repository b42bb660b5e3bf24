"""Importing an XLSForm, the spreadsheet format of ODK and Kobo, as a checklist file; what is lost is reported."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from monitor.checklists.file import FORM
from monitor.core.venue.words import SLUG
from monitor.errors import ConfigError

EXTRA: Final = "needs pyxform; install venue-monitor[xlsform]"
KINDS: Final[Mapping[str, str]] = {
    "acknowledge": "pass-fail",
    "trigger": "pass-fail",
    "barcode": "asset",
    "photo": "photo",
    "image": "photo",
    "int": "measurement",
    "integer": "measurement",
    "decimal": "measurement",
    "range": "measurement",
    "select one": "choice",
    "select all that apply": "choice",
    "rank": "choice",
    "string": "text",
    "text": "text",
    "date": "text",
    "time": "text",
    "datetime": "text",
    "dateTime": "text",
}
"""The kinds of items by the type of a question."""
ASKED: Final = "select_one, integer, decimal, range, text, date, image, barcode or acknowledge"
INSTEAD: Final[Mapping[str, str]] = {
    "gps": "barcode, for the label at the place",
    "geopoint": "barcode, for the label at the place",
    "note": "its text into the label of a question",
    "include": "the questions of that form here",
    "cascading_select": "select_one with all its answers",
}
"""What to write instead of a type that can't be asked, by its first word."""
UNASKED: Final = frozenset(
    (
        *("start", "end", "today", "audit", "hidden", "calculate", "uid"),
        *("deviceid", "username", "phonenumber", "subscriberid", "simserial", "email"),
    )
)
"""Types that nobody answers."""
FAILURES: Final = frozenset(("no", "fail", "failed", "bad", "not_ok", "0"))
NOT_APPLICABLE: Final = frozenset(("na", "n_a", "n/a", "not_applicable"))
_LIMIT = re.compile(r"\.\s*(>=|<=)\s*(-?\d+(?:\.\d+)?)")
_QUESTION = r"(?:\$\{\s*|\.\./)([\w.-]+)\s*\}?"
_EQUAL = re.compile(rf"{_QUESTION}\s*=\s*['\"]([^'\"]+)['\"]")
_SELECTED = re.compile(rf"selected\(\s*{_QUESTION}\s*,\s*['\"]([^'\"]+)['\"]\s*\)")
_TAG = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$")
_NO_SLUG = re.compile(r"[^a-z0-9]+")


class Imported(NamedTuple):
    """A form as a checklist file."""

    text: str
    items: int
    lost: tuple[str, ...]
    """What could not be expressed, or has to be completed by hand."""


def import_form(path: Path) -> Imported:
    """Read an XLSForm as a checklist file.

    Raises:
        ConfigError: it can't be read, asks nothing that a checklist can ask, or pyxform is not installed.

    """
    form = _read(path)
    found = _Import()
    found.walk(form.get("children", ()), "")
    if not found.rows:
        why = "; ".join(found.lost) or "it only calculates and shows"
        write = f"write at least one {ASKED}"
        raise ConfigError([f"{path}: asks nothing that a checklist can ask: {why}; {write}"])
    found.link()
    found.lost.append("criticality: a form has none; every item is noncritical until you write it")
    title, titles = _texts(form.get("title"), path.stem)
    lines = [f"name = {_quoted(title)}", *_other("names", titles)]
    if isinstance(version := form.get("version"), str) and version:
        lines.append(f"version = {_quoted(version)}")
    text = "\n".join([*lines, *(line for row in found.rows for line in row.lines()), ""])
    parsed = FORM.read(text, str(path))
    if parsed.mistakes:
        raise ConfigError([str(mistake) for mistake in parsed.mistakes])
    return Imported(text, len(found.rows), tuple(found.lost))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        from pyxform.errors import PyXFormError  # noqa: PLC0415 - an extra
        from pyxform.xls2json import workbook_to_json  # noqa: PLC0415
        from pyxform.xls2json_backends import get_xlsform  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError([f"{path}: {EXTRA}"]) from error
    if not path.is_file():
        raise ConfigError([f"{path}: no such file; write the form to import"])
    try:
        form: Mapping[str, Any] = workbook_to_json(
            workbook_dict=get_xlsform(path), fallback_form_name=path.stem
        )
    except (PyXFormError, OSError, ValueError) as error:
        why = str(error).splitlines()[0].rstrip(".")
        raise ConfigError(
            [f"{path}: pyxform refuses it: {why}. Correct that in the form"]
        ) from error
    except TypeError as error:  # what pyxform makes of a table with columns of its own
        why = "its columns are not those of a form; write type, name and label"
        raise ConfigError([f"{path}: not an XLSForm: {why}"]) from error
    return form


class _Choice(NamedTuple):
    name: str
    text: str
    texts: Mapping[str, str]
    result: str


class _Row:
    """One item on its way into the file."""

    def __init__(self, name: str, kind: str, text: str, texts: Mapping[str, str]) -> None:
        self.id = name
        self.kind = kind
        self.text = text
        self.texts = texts
        self.limits: dict[str, float] = {}
        self.choices: list[_Choice] = []
        self.relevant = ""
        self.ask_if: tuple[str, str] | None = None

    def lines(self) -> Iterator[str]:
        yield from ("", "[[item]]", f"id = {_quoted(self.id)}", f"text = {_quoted(self.text)}")
        yield from _other("texts", self.texts)
        yield f"kind = {_quoted(self.kind)}"
        if self.kind == "measurement":
            yield 'unit = "unknown"'
        yield from (f"{key} = {limit}" for key, limit in self.limits.items())
        if self.ask_if is not None:
            item, answer = map(_quoted, self.ask_if)
            yield f"ask_if = {{ item = {item}, is = {answer} }}"
        for row in self.choices:
            yield from (
                "[[item.choice]]",
                f"id = {_quoted(row.name)}",
                f"text = {_quoted(row.text)}",
            )
            yield from _other("texts", row.texts)
            if row.result != "pass":
                yield f"result = {_quoted(row.result)}"


class _Import:
    """One walk through a form."""

    def __init__(self) -> None:
        self.rows: list[_Row] = []
        self.lost: list[str] = []
        self._by_name: dict[str, _Row] = {}
        """By the name of the question in the form."""

    def walk(self, questions: Sequence[Mapping[str, Any]], relevant: str) -> None:
        for question in questions:
            name, kind = str(question.get("name", "")), str(question.get("type", ""))
            bind = question.get("bind") or {}
            own = str(bind.get("relevant", ""))
            if kind in ("group", "repeat", "loop"):
                if name == "meta":
                    continue
                if kind != "group":
                    self.lost.append(f"{name}: is repeated; a checklist asks it once")
                if own and relevant:
                    self.lost.append(
                        f"{name}: a condition within a condition; only its own is kept"
                    )
                self.walk(question.get("children", ()), own or relevant)
            elif kind.replace(" ", "") not in UNASKED:
                self._take(question, name, kind, bind, own or relevant)

    def _take(
        self,
        question: Mapping[str, Any],
        name: str,
        kind: str,
        bind: Mapping[str, Any],
        relevant: str,
    ) -> None:
        if "calculate" in bind:
            return
        if kind not in KINDS:
            instead = INSTEAD.get(kind.partition(" ")[0], "")
            write = f"; write {instead}" if instead else ""
            self.lost.append(f"{name}: {kind} can't be asked; it was left out{write}")
            return
        text, texts = _texts(question.get("label"), name)
        made = _Row(_slug(name, {row.id for row in self.rows}), KINDS[kind], text, texts)
        made.relevant = relevant
        appearance = str((question.get("control") or {}).get("appearance", ""))
        if made.kind == "photo" and "signature" in appearance:
            made.kind = "signature"
        if made.kind == "measurement":
            self.lost.append(f"{name}: a number has no unit in a form; write one")
        if made.kind == "choice":
            self._choose(made, question, name, kind)
        if kind in ("date", "time", "datetime", "dateTime"):
            self.lost.append(f"{name}: a {kind} is asked as a text")
        self._limit(made, name, str(bind.get("constraint", "")))
        for key in ("hint", "default", "media", "choice_filter", "guidance_hint"):
            if question.get(key):
                self.lost.append(f"{name}: {key} was left out")
        self.rows.append(made)
        self._by_name[name] = made

    def _choose(self, made: _Row, question: Mapping[str, Any], name: str, kind: str) -> None:
        if kind != "select one":
            self.lost.append(f"{name}: several answers at once; a checklist takes one")
        seen: set[str] = set()
        for choice in question.get("choices") or ():
            own = str(choice.get("name", ""))
            text, texts = _texts(choice.get("label"), own)
            result = "fail" if own.lower() in FAILURES else "pass"
            result = "na" if own.lower() in NOT_APPLICABLE else result
            slug = _slug(own, {*seen, "pass", "fail", "na"})
            seen.add(slug)
            made.choices.append(_Choice(slug, text, texts, result))
        if len(made.choices) < 2:  # noqa: PLR2004 - what a choice is
            self.lost.append(f"{name}: its choices are not in the form; it is asked as a text")
            made.kind, made.choices = "text", []
            return
        failing = [row.name for row in made.choices if row.result == "fail"]
        taken = f"{', '.join(failing)} taken" if failing else "none taken"
        self.lost.append(f"{name}: a form doesn't say which answers are failures; {taken} as such")

    def _limit(self, made: _Row, name: str, constraint: str) -> None:
        if not constraint:
            return
        rest = _LIMIT.sub("", constraint)
        if made.kind != "measurement" or rest.replace("and", "").strip(" ()"):
            self.lost.append(f"{name}: the constraint {_quoted(constraint)} can't be expressed")
            return
        for sign, limit in _LIMIT.findall(constraint):
            made.limits["min" if sign == ">=" else "max"] = float(limit)

    def link(self) -> None:
        """Turn conditions into ``ask_if``, as far as they ask for one answer to one question."""
        for name, row in self._by_name.items():
            if not row.relevant:
                continue
            found = _EQUAL.fullmatch(row.relevant.strip()) or _SELECTED.fullmatch(
                row.relevant.strip()
            )
            asked = None if found is None else self._by_name.get(found[1].strip())
            answer = "" if found is None else found[2]
            matching = (
                []
                if asked is None
                else [
                    choice.name for choice in asked.choices if choice.name == _slug(answer, set())
                ]
            )
            if asked is None or not matching:
                what = (
                    f"the condition {_quoted(row.relevant)} can't be expressed; it is always asked"
                )
                self.lost.append(f"{name}: {what}")
                continue
            row.ask_if = (asked.id, matching[0])


def _texts(label: object, name: str) -> tuple[str, dict[str, str]]:
    """Return a label in English, or else in its first language, and in all others by tag."""
    if not isinstance(label, Mapping):
        return (str(label).strip() or name) if label else name, {}
    by_tag = {
        (found[1].lower() if (found := _TAG.search(str(language))) else str(language).lower()): text
        for language, text in label.items()
        if isinstance(text, str) and text.strip()
    }
    if not by_tag:
        return name, {}
    base = next((tag for tag in ("en", "english", "default") if tag in by_tag), next(iter(by_tag)))
    others = {tag: text for tag, text in by_tag.items() if tag != base and re.fullmatch(SLUG, tag)}
    return by_tag[base].strip(), others


def _slug(name: str, taken: set[str]) -> str:
    """Return a name as an id that is not taken."""
    plain = _NO_SLUG.sub("-", name.lower()).strip("-")[:50] or "item"
    return next(
        own
        for n in range(1, len(taken) + 2)
        if (own := plain if n == 1 else f"{plain}-{n}") not in taken
    )


def _other(key: str, texts: Mapping[str, str]) -> Iterator[str]:
    return (f"{key}.{tag} = {_quoted(text)}" for tag, text in texts.items())


def _quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
