"""The command that fills in a checklist in a terminal, item by item, or sends one that is in a file."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec

from monitor.app.deployment import load_all
from monitor.cli.commands import Commands
from monitor.cli.inspection_photos import PhotoFiles, read_photo, send_photos
from monitor.cli.send import NotDone, add_signature, send_form, signer
from monitor.core.venue.checklist import Checklist, ChecklistItem
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.texts import ENGLISH
from monitor.toml.words import no_such
from monitor.web.api.receipts import Receipt

Answer = dict[str, object]
RESULTS: Mapping[str, str] = {"p": "pass", "f": "fail", "n": "na"}


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser("inspect")
    parser.add_argument("checklist", metavar="CHECKLIST", help="its id in the venue file")
    parser.add_argument(
        "--from",
        dest="file",
        metavar="FILE",
        help='JSON with "items" as docs/api.md has them, or a whole form; - for standard input',
    )
    parser.add_argument(
        "--key", help="of an earlier try whose outcome is unknown: the form then counts once"
    )
    parser.add_argument(
        "--photo",
        action="append",
        default=[],
        metavar="FILE",
        help="a JPEG whose SHA-256 the form names, once it is free of place and device; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="print the receipt as JSON")
    add_signature(parser, "who inspects")
    parser.set_defaults(run=_inspect)


def _inspect(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    checklist = _checklist(venue, given.checklist)
    signer(config, given)
    key, began = given.key or uuid4().hex, datetime.now(UTC)
    photos: PhotoFiles = {}
    for file in given.photo:
        read_photo(file, photos)
    if given.file is not None:
        body = _completed(_read(given.file), checklist, key, began)
    else:
        print(f"{checklist.name}. Ctrl-C gives up; nothing is sent before the end.")
        body = _completed({"items": list(_answers(checklist, photos))}, checklist, key, began)
        if not _ask("Send it? [y/n] ", ("y", "n")) == "y":
            raise NotDone("nothing was sent")
    try:
        receipt = send_form(config, given, key, body)
        send_photos(config, given, photos)
    except NotDone:
        _keep(checklist, key, body)
        raise
    if given.json:
        print(msgspec.json.encode(receipt).decode())
    else:
        print(_in_words(receipt))
    return 0


def _checklist(venue: Venue, own: str) -> Checklist:
    for row in venue.checklists:
        if row.id == own:
            return row
    known = [row.id for row in venue.checklists]
    raise ConfigError([f"CHECKLIST: {no_such('checklist', own, known)}"])


def _read(file: str) -> dict[str, object]:
    """Return what is in a file."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return msgspec.json.decode(content, type=dict[str, object])
    except OSError as error:
        raise ConfigError([f"--from: {file}: {error.strerror or error}"]) from error
    except msgspec.MsgspecError as error:
        example = '{"items": [{"item": "exits-free", "result": "pass"}]}'
        raise ConfigError([f"--from: {file}: {error}; write {example}"]) from error


def _completed(
    given: Mapping[str, object], checklist: Checklist, key: str, began: datetime
) -> bytes:
    """Return the body of a form, with what was left out; one that has its time is sent as it is."""
    now = datetime.now(UTC)
    whole = {
        "schema": 1,
        "checklist": checklist.id,
        "inspection": key,
        "started_at": began,
        "finished_at": now,
        "at": now,
        **given,
    }
    return msgspec.json.encode(whole)


def _answers(checklist: Checklist, photos: PhotoFiles) -> Iterator[Answer]:
    """Ask one item after the other."""
    given: dict[str, Answer] = {}
    for n, item in enumerate(checklist.items, 1):
        if item.ask_if is not None:
            on = given.get(item.ask_if.item, {})
            if item.ask_if.is_ not in {on.get("result"), on.get("choice")}:
                continue
        print(f"\n{n}/{len(checklist.items)} {item.text} [{ENGLISH.word(item.criticality)}]")
        given[item.id] = _answer(item)
        if given[item.id]["result"] == "fail" or item.kind == "photo":
            given[item.id] |= _photographed(photos)
        yield {"item": item.id, **given[item.id]}


def _answer(item: ChecklistItem) -> Answer:
    if item.kind == "choice":
        offered = {str(n): row for n, row in enumerate(item.choices, 1)}
        print(*(f"  {n} {row.text}" for n, row in offered.items()), sep="\n")
        chosen = offered[_ask(f"Which one? 1 to {len(offered)}: ", list(offered))]
        return {"choice": chosen.id, "result": chosen.result}
    answer: Answer = {"result": RESULTS[_ask("p: pass, f: fail, n: not applicable. ", "pfn")]}
    if answer["result"] == "na":
        return answer | {"na_reason": _text("Why does it not apply? ", is_needed=True)}
    if item.unit:
        value = _number(
            f"Value in {ENGLISH.word(item.unit)}: ", is_needed=answer["result"] == "pass"
        )
        if value is not None:
            answer |= {"value": value, "unit": item.unit}
    if item.kind in {"text", "asset"}:
        field = "text" if item.kind == "text" else "asset"
        answer |= {field: _text(f"{ENGLISH.word(field).capitalize()}: ", is_needed=True)}
    if answer["result"] == "fail" and (note := _text("What was found? (may be empty) ")):
        answer |= {"note": note}
    return answer


def _photographed(photos: PhotoFiles) -> Answer:
    """Ask for files until one is left empty."""
    digests: list[str] = []
    while file := _text("Photo, the path of a JPEG file: (may be empty) "):
        try:
            digests.append(read_photo(file, photos))
        except ConfigError as error:
            print(error)
    return {"photos": list(dict.fromkeys(digests))}


def _ask(question: str, choices: Sequence[str]) -> str:
    while True:
        given = _input(question).strip().casefold()
        given = given if given in choices else given[:1]
        if given and given in choices:
            return given


def _text(question: str, *, is_needed: bool = False) -> str:
    while not (given := _input(question).strip()) and is_needed:
        pass
    return given


def _number(question: str, *, is_needed: bool) -> float | None:
    while True:
        given = _input(question).strip().replace(",", ".")
        if not given and not is_needed:
            return None
        try:
            return float(given)
        except ValueError:
            print("Write a number, such as 3.5")


def _input(question: str) -> str:
    try:
        return input(question)
    except EOFError as error:
        raise NotDone("the answers ended before the checklist; nothing was sent") from error


def _keep(checklist: Checklist, key: str, body: bytes) -> None:
    """Write a form that was not taken in to a file, so that nothing of it is lost."""
    file = Path(f"inspection-{key}.json")
    try:
        file.write_bytes(body)
    except OSError as error:
        print(f"venue-monitor: {file}: {error.strerror or error}", file=sys.stderr)
        return
    print(
        f"venue-monitor: the form is in {file}; correct it if it was refused, then\n"
        f"    venue-monitor inspect {checklist.id} --from {file} --key {key}",
        file=sys.stderr,
    )


def _in_words(receipt: Receipt) -> str:
    zone = receipt.zone
    reasons = "".join(f"\n  {reason}" for reason in zone.reasons)
    return f"received, no. {receipt.seq}. {zone.name}: {ENGLISH.word(zone.state)}{reasons}"
