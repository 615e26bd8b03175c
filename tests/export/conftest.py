import pytest


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory):
    """A run of a tiny network and its model."""
    from dermdistill.evaluate.runs import read_run
    from dermdistill.models import load_run_model
    from tiny_run import make_run

    run_dir = make_run(tmp_path_factory.mktemp("export"))
    return read_run(run_dir), load_run_model(run_dir)
