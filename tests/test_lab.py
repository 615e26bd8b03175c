"""docs/python.md's own code, run on pictures of ours; and what is said about a slip."""

import re
from pathlib import Path

import numpy as np
import pytest

from dermdistill import lab
from layouts import Picture, encode, write_flat
from synthetic import lesion_image

PAGE = Path(__file__).parents[1] / "docs" / "python.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """A folder with what the page's code finds: HAM10000, two pictures of each lesion."""
    folder = tmp_path_factory.mktemp("notebook")
    codes = [code for code in ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc") for _ in range(24)]
    pictures = [
        Picture(
            f"ISIC_{i:07d}", f"HAM_{i // 2:07d}", code, encode(lesion_image(code, i, height=64, width=64))
        )
        for i, code in enumerate(codes)
    ]
    write_flat(folder / "ham10000", pictures)
    return folder


def test_the_page_goes_from_images_to_a_bundle_that_answers(there, monkeypatch, capsys):
    monkeypatch.chdir(there)
    names = {}
    exec(compile(BLOCKS[0], str(PAGE), "exec"), names)
    printed = capsys.readouterr().out
    assert [line.split()[0] for line in printed.splitlines()[:6]] == list("012345"), "an event each epoch"
    assert names["spec"].input.size == 64
    answers = lab.predict(there / "ham10000/images", bundle=there / "runs/student/bundle")
    assert len(answers) == 168
    truth = np.repeat(["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"], 24)
    right = np.mean(answers.sort_values("image_id")["diagnosis"] == truth)
    assert right > 0.4, "of seven classes, by chance .14"
    with pytest.raises(lab.DermDistillError, match="has no teachers; give it to train"):
        lab.distill(names["recipe"])
    with pytest.raises(lab.DermDistillError, match=r"phases\.0\.epoch is unknown; did you mean epochs\?"):
        lab.train({**names["recipe"], "phases": [{"epoch": 3}]})


def test_the_pages_own_model_and_losses_train_and_are_named_by_the_command_line(there, monkeypatch, tmp_path):
    from typer.testing import CliRunner

    from dermdistill.cli import app
    from dermdistill.distill.losses import registry as losses
    from dermdistill.models import registry

    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))
    monkeypatch.setattr(losses, "_TASK", dict(losses._TASK))
    monkeypatch.setattr(losses, "_DISTILL", dict(losses._DISTILL))
    monkeypatch.chdir(there)
    if not (there / "runs/splits.csv").exists():
        lab.prepare("ham10000", "runs/data/ham10000", image_size=64)
        lab.split("runs/data/ham10000", "runs/splits.csv")
    (tmp_path / "my.py").write_text(BLOCKS[1])
    recipe = tmp_path / "mine.toml"
    recipe.write_text(
        'name = "mine"\n[model]\nname = "my_cnn"\ninit = "none"\n[data]\ndir = "runs/data/ham10000"\n'
        'splits = "runs/splits.csv"\n[loss]\ntask = "squared"\n'
        "[[phases]]\nimage_size = 16\nepochs = 1\nlearning_rate = 1e-2\n"
    )
    words = ["train", str(recipe), "--runs-dir", str(tmp_path / "runs")]
    unknown = CliRunner().invoke(app, words)
    assert "There is no model 'my_cnn'" in str(unknown.exception)
    made = CliRunner().invoke(app, [*words, "--plugin", str(tmp_path / "my.py")])
    assert made.exit_code == 0, made.output
    assert (tmp_path / "runs/mine/best.weights.h5").exists()
