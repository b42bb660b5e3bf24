"""A checklist on paper: one self-contained HTML document with a box for each answer."""

from html import escape

from monitor.core.venue.checklist import Checklist, ChecklistItem, is_cited
from monitor.texts.language import Language

STYLE = """body{font:11pt/1.45 sans-serif;margin:0;color:#000;background:#fff}h1{font-size:16pt;margin:0}
table{border-collapse:collapse;inline-size:100%}td,th{border:1px solid;padding:2mm;text-align:start;vertical-align:top}
tr{break-inside:avoid}small{display:block}.box{display:inline-block;inline-size:4mm;block-size:4mm;border:1px solid}
.line{border-block-end:1px solid;block-size:8mm}@page{size:A4;margin:15mm}"""


def printed(checklist: Checklist, language: Language) -> str:
    """Return the document; everything people wrote in it is escaped."""
    tag = language.tag
    name = escape(checklist.names.get(tag, checklist.name))
    heads = "".join(
        f"<th>{escape(title)}</th>"
        for title in (
            "",
            language.gettext("Item"),
            language.gettext("Answer"),
            language.gettext("Note"),
        )
    )
    rows = "\n".join(
        _row(number, item, checklist, language) for number, item in enumerate(checklist.items, 1)
    )
    signed = "".join(
        f'<p class="line">{escape(title)}</p>'
        for title in (language.gettext("Inspector"), language.gettext("Date and time"))
    )
    direction = "rtl" if tag == "ar" else "ltr"
    head = f'<meta charset="utf-8"><title>{name}</title><style>{STYLE}</style>'
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table>"
    body = f"<body>\n<h1>{name}</h1>\n{table}\n{signed}\n</body>"
    return f'<!doctype html>\n<html lang="{tag}" dir="{direction}"><head>{head}</head>\n{body}</html>\n'


def _row(number: int, item: ChecklistItem, checklist: Checklist, language: Language) -> str:
    tag = language.tag
    text = escape(item.texts.get(tag, item.text))
    notes = [language.word(item.criticality)]
    if item.ask_if is not None:
        place = next(
            place for place, row in enumerate(checklist.items, 1) if row.id == item.ask_if.item
        )
        notes.append(
            language.gettext("only if no. {number} was “{answer}”").format(
                number=place,
                answer=_answer_in_words(checklist.items[place - 1], item.ask_if.is_, language),
            )
        )
    if is_cited(item):
        notes.append(item.reference)
    small = "".join(f"<small>{escape(note)}</small>" for note in notes)
    cells = (str(number), f"{text}{small}", _answer(item, language), "")
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _answer(item: ChecklistItem, language: Language) -> str:
    if item.kind == "choice":
        words = [row.texts.get(language.tag, row.text) for row in item.choices]
    else:
        words = [language.word(result) for result in ("pass", "fail", "na")]
    boxes = "".join(f'<small><span class="box"></span> {escape(word)}</small>' for word in words)
    limits = " ".join(
        f"{sign} {language.number(limit)}"
        for sign, limit in (("≥", item.min), ("≤", item.max))
        if limit is not None
    )
    if item.kind == "measurement":
        unit = escape(language.word(item.unit))
        return f'<p class="line"><bdi dir="ltr">{limits} {unit}</bdi></p>{boxes}'
    return boxes if item.kind in ("pass-fail", "choice") else f'<p class="line"></p>{boxes}'


def _answer_in_words(item: ChecklistItem, answer: str, language: Language) -> str:
    chosen = (row for row in item.choices if row.id == answer)
    return next((row.texts.get(language.tag, row.text) for row in chosen), language.word(answer))
