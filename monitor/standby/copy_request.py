"""What a standby sends to the primary to fetch what its copy lacks."""

from hashlib import blake2b

from msgspec import Struct

from monitor.config import Config
from monitor.journal import CopyPosition

PATH = "/journal/changes"
"""Where the primary answers."""
ACCOUNTS_PATH = "/journal/accounts"
"""Where the primary answers with its accounts, unless the standby has the same."""


PHOTOS_PATH = "/journal/photos"
"""Where the primary answers with photos that the standby lacks: `PhotosRequest`, `PhotosPart`."""


class PhotosRequest(Struct, frozen=True, kw_only=True):
    """The digests of photos that the standby lacks."""

    lacking: tuple[str, ...]


class PhotosPart(Struct, frozen=True, kw_only=True):
    """Some of them, by digest, as far as they go into one answer; none if the primary has none of them."""

    photos: dict[str, bytes]


class CopyRequest(Struct, frozen=True, kw_only=True):
    """A request for changes; the answer is `monitor.journal.Changes`. Both are MessagePack."""

    program: str
    """The version of the monitor."""
    keys: dict[str, bytes]
    """The digest of each key file, by its setting: after a take-over with other keys, every card looks new."""
    position: CopyPosition


def key_digests(config: Config, token: str) -> dict[str, bytes]:
    """Return a digest of each key file that only who has the token can compare; empty for one that does not exist."""
    files = {"[privacy] key_file": config.privacy.key_file, "[http] key_file": config.http.key_file}
    return {
        setting: blake2b(path.read_bytes(), key=token.encode()[:64]).digest()
        if path.is_file()
        else b""
        for setting, path in files.items()
    }
