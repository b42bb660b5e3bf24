"""The accounts that the tests of this folder use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.accounts import AccountsHarness


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[AccountsHarness]:
    """Accounts without any account."""
    made = AccountsHarness(tmp_path)
    with made.accounts:
        yield made
