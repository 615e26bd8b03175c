import pytest

from dermdistill.errors import ModelError
from dermdistill.runs import read_config


def test_a_folder_that_is_no_run_is_named(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(ModelError, match=rf"{folder} is not a trained run: config\.json is missing"):
            read_config(folder)


@pytest.mark.parametrize("content", [b"", b'{"recipe":', b"[]", b"\xff\xfe"])
def test_damaged_settings_are_one_sentence(content, tmp_path):
    (tmp_path / "config.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"config\.json cannot be read .* train again"):
        read_config(tmp_path)


def test_what_was_asked_for_comes_back(tmp_path):
    (tmp_path / "config.json").write_text('{"recipe": {"name": "mein Schüler"}}', encoding="utf-8")
    assert read_config(tmp_path) == {"recipe": {"name": "mein Schüler"}}
