"""One event loop is enough here: tests/http runs the layer below on all of them."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
