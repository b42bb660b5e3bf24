"""Commands about the journal: stats, verify, export, backup."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from monitor.accounts import accounts_path
from monitor.accounts.accounts_copy import backup_path, content_of, write_copy
from monitor.cli.commands import Commands
from monitor.cli.progress import progress
from monitor.cli.words import counted
from monitor.config import load as load_config
from monitor.errors import JournalError
from monitor.journal import Journal, backup, export, stats, verify
from monitor.journal.photos import Photos, photos_path

STEP = 500
"""Inputs between two reports of the progress."""


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    journal = commands.add_parser("journal").add_subparsers(required=True, metavar="WHAT")
    journal.add_parser("stats", help="print its figures as JSON").set_defaults(run=_stats)
    parser = journal.add_parser("verify", help="read every row and prove that none was changed")
    parser.add_argument(
        "--head",
        metavar="N:HASH",
        help="a head that was noted earlier: of an earlier verification, a heartbeat or a digest",
    )
    parser.set_defaults(run=_verify)
    parser = journal.add_parser(
        "export", help="print every input with its transitions, as JSON Lines"
    )
    parser.add_argument(
        "--after", type=int, default=0, metavar="SEQ", help="only inputs after this number"
    )
    parser.set_defaults(run=_export)
    parser = journal.add_parser(
        "backup", help="copy the journal, its photos, and the accounts; the monitor may be running"
    )
    parser.add_argument("target", type=Path, help="a file that does not exist yet")
    parser.set_defaults(run=_backup)


def _path(given: argparse.Namespace) -> Path:
    """Return the journal's path, which doesn't depend on venue.toml or its mistakes."""
    return load_config(given.config).journal.path


def _stats(given: argparse.Namespace) -> int:
    json.dump(stats(_path(given)), sys.stdout, indent=2)
    print()
    return 0


def _verify(given: argparse.Namespace) -> int:
    path = _path(given)
    with progress("inputs") as report:
        wrong = verify(path, given.head, report)
    photos = Photos(photos_path(path))
    wrong += photos.faults()
    wrong += _lost(path, photos)
    if wrong:
        print(*wrong, sep="\n", file=sys.stderr)
        print(
            f"{path}: {counted(len(wrong), 'error')}; put the latest backup in its place",
            file=sys.stderr,
        )
        return 1
    print(
        f"{path}: intact; head {stats(path)['head']} (note it: "
        "with --head it proves later that nothing was cut off)"
    )
    return 0


def _lost(journal: Path, photos: Photos) -> Iterator[str]:
    """Yield each photo whose file was kept and is gone, with the inspection that names it."""
    lost = photos.lost()
    if not lost or not journal.exists():
        return
    with Journal(journal, read_only=True) as opened:
        for digest in sorted(lost):
            for row in opened.work_events.naming(digest):
                yield f"photo {digest}: its file is gone; {row.checklist} / {row.item} of {row.inspection} names it"


def _export(given: argparse.Namespace) -> int:
    path = _path(given)
    total = int(stats(path)["last_seq"]) - given.after
    with progress("inputs") as report:
        for done, line in enumerate(export(path, given.after), 1):
            print(line)
            if done % STEP == 0:
                report(done, total)
    return 0


def _backup(given: argparse.Namespace) -> int:
    path, beside = _path(given), backup_path(given.target)
    photos = given.target.with_name(f"{given.target.name}.photos")
    if beside.exists() and not given.target.exists():
        raise JournalError(f"{beside}: already exists; choose the name of a new file")
    with progress("pages") as report:
        backup(path, given.target, report)
    print(f"{given.target}: written")
    if copied := Photos(photos_path(path)).copy(photos):
        print(f"{photos}: {counted(copied, 'photo')} written")
    if accounts := content_of(accounts_path(path)):
        write_copy(beside, accounts)
        print(f"{beside}: written")
    return 0
