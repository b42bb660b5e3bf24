"""The head of the hash chain, as people and other systems note it: ``SEQ:HASH``."""

from typing import NamedTuple, Self

from monitor.errors import JournalError


class Head(NamedTuple):
    """The number of the latest input, and the hash over it and everything before."""

    seq: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash.hex()}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the head that a person noted.

        Raises:
            JournalError: it is not a head.

        """
        seq, _, digits = text.partition(":")
        try:
            return cls(int(seq), bytes.fromhex(digits))
        except ValueError as error:
            raise JournalError(
                f'"{text}" is not a head of a journal; write it as verify prints it, SEQ:HASH'
            ) from error
