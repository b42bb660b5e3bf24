"""The photos of an inspection that is filled in at a terminal: read from files, without place and device, by digest."""

import argparse
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from monitor.cli.send import NotDone, send_photo
from monitor.config import Config
from monitor.errors import ConfigError
from monitor.journal.jpeg import LONGEST_EDGE, Flaw, Pixels, bare, examined
from monitor.journal.photos import LARGEST_PHOTO

WRONG: Mapping[Flaw, str] = {
    "no-jpeg": "it is no JPEG file",
    "truncated": "its end is missing",
    "tagged": "what tells place and device can't be removed from it",
    "too-wide": f"scale it to at most {LONGEST_EDGE} pixels",
}
PhotoFiles = dict[str, bytes]
"""Contents by digest."""


def read_photo(file: str, photos: PhotoFiles) -> str:
    """Read a photo; return its digest.

    Raises:
        ConfigError: it can't be read, or is not one that the monitor takes.

    """
    try:
        content = bare(Path(file).read_bytes())
    except OSError as error:
        raise ConfigError([f"{file}: {error.strerror or error}"]) from error
    found = examined(content)
    if not isinstance(found, Pixels):
        raise ConfigError([f"{file}: {WRONG[found]}"])
    if len(content) > LARGEST_PHOTO:
        raise ConfigError(
            [f"{file}: it has {len(content)} bytes; at most {LARGEST_PHOTO} are taken"]
        )
    digest = sha256(content).hexdigest()
    photos[digest] = content
    return digest


def send_photos(config: Config, given: argparse.Namespace, photos: PhotoFiles) -> None:
    """Send the photos of a form that has been received.

    Raises:
        NotDone: one was refused, or no answer came; the form counts all the same.

    """
    for digest, content in photos.items():
        try:
            send_photo(config, given, digest, content)
        except NotDone as error:
            raise NotDone(
                f"the form is received, its photo {digest[:12]} is not: {error}"
            ) from error
    if photos:
        print(f"venue-monitor: {len(photos)} photos received", file=sys.stderr)
