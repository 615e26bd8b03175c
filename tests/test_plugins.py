import pytest

from dermdistill.errors import RecipeError
from dermdistill.plugins import load_plugins


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("x = 1\ny = x / 0\n", 2, "ZeroDivisionError: division by zero"),
        ("x = 1\n\ndef f(:\n", 3, "SyntaxError"),
        ("import nothing_of_that_name\n", 1, "No module named 'nothing_of_that_name'"),
        ("def f():\n    raise ValueError('no')\n\n\nf()\n", 2, "ValueError: no"),
        (
            "from dermdistill.lab import *\n\n\nregister_task_loss('focal')(print)\n",
            4,
            "The loss name 'focal' is registered twice; give the second one another name.",
        ),
    ],
)
def test_an_error_in_a_plugin_is_a_sentence_with_file_and_line(text, line, said, tmp_path):
    path = tmp_path / "my.py"
    path.write_text(text)
    with pytest.raises(RecipeError) as refused:
        load_plugins([path])
    message = str(refused.value)
    assert message.startswith(f"The plugin {path} fails in line {line}: ")
    assert said in message
    assert len(message.splitlines()) == 1
