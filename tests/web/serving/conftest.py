import pytest

from servers import started


@pytest.fixture(scope="module", params=["serve", "production"])
def server(request, tmp_path_factory):
    with started(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A server that asks for a key."""
    folder = tmp_path_factory.mktemp("locked")
    with started("serve", folder, DERMDISTILL_API_KEYS="a-key-of-the-clinic") as running:
        yield running
