import numpy as np
import pytest

from dermdistill.classes import load_classes
from dermdistill.errors import ModelError
from dermdistill.models import build_model
from dermdistill.models.start import model_at_its_start, start_from
from dermdistill.runs import write_best_weights, write_config


def a_model(num_classes, seed):
    model = build_model("tiny_cnn", num_classes=num_classes, image_size=None, dropout=0.0)
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(0.1, 1, weight.shape) for weight in model.get_weights()])
    return model


def test_a_start_of_other_classes_gives_its_backbone_and_the_rows_of_shared_classes(tmp_path):
    classes = load_classes("ham10000")
    start = a_model(len(classes), 0)
    write_best_weights(tmp_path, start)
    config = {"recipe": {"model": {"name": "tiny_cnn", "dropout": 0.0}}, "classes": classes.to_dict()}
    write_config(tmp_path, config)
    shares = dict.fromkeys(("scc", *classes.codes), 0.01)
    model = model_at_its_start("tiny_cnn", class_shares=shares, init=str(tmp_path), dropout=0.0)
    image = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    new, known = model(image), start(image)
    np.testing.assert_allclose(new["embedding"], known["embedding"], rtol=1e-5)
    np.testing.assert_allclose(np.asarray(new["logits"])[:, 1:], known["logits"], rtol=1e-5)
    # A class that the start does not know starts from its share of the training images.
    np.testing.assert_allclose(np.asarray(new["logits"])[:, 0], np.log(0.01), rtol=1e-5)


def test_classes_are_matched_by_code_not_by_place():
    start, model = a_model(2, 1), a_model(3, 2)
    own = np.array(model.get_layer("logits").get_weights()[0])
    start_from(model, start, ("bcc", "mel", "nv"), ("nv", "bcc"))
    bias, known = model.get_layer("logits").get_weights()[0], start.get_layer("logits").get_weights()[0]
    assert bias.tolist() == [known[1], own[1], known[0]]


def test_a_start_without_a_common_class_is_refused():
    with pytest.raises(ModelError, match="no class in common"):
        start_from(a_model(2, 1), a_model(2, 2), ("mel", "nv"), ("bcc", "df"))
