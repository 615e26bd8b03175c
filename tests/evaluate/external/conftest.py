from pathlib import Path

import pytest

from prepared_source import write_source


@pytest.fixture(scope="session")
def source_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of such a source, for the whole session."""
    folder = tmp_path_factory.mktemp("sources") / "clinic"
    write_source(folder)
    return folder
