import json

from dermdistill.export.provenance import start_of


def test_a_start_is_named_without_its_folder_and_followed_through_earlier_runs(tmp_path):
    run_dir = tmp_path / "first"
    run_dir.mkdir()
    init = "/somewhere/private/backbone.weights.h5"
    (run_dir / "config.json").write_text(json.dumps({"recipe": {"model": {"init": init}}}))
    assert start_of(init) == "backbone.weights.h5"
    assert start_of(str(run_dir)) == "first, which started from backbone.weights.h5"
    assert start_of("imagenet") == "imagenet"
