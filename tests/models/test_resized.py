import numpy as np
from PIL import Image

from dermdistill.models import build_model
from dermdistill.models.resized import resized_to


def test_answers_are_those_for_the_picture_made_smaller_beforehand():
    model = build_model("tiny_cnn", num_classes=7, image_size=None)
    speckles = np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    large = Image.fromarray(speckles).resize((72, 72), Image.Resampling.BICUBIC)
    small = large.resize((32, 32), Image.Resampling.BILINEAR)  # Pillow's is antialiased as well
    expected, as_large = (np.asarray(model(np.asarray(image)[None])["embedding"]) for image in (small, large))
    found = resized_to(32, model)(np.asarray(large)[None])
    assert set(found) == {"logits", "class_maps", "embedding"}
    tolerance = 0.01 * np.abs(expected).max()
    np.testing.assert_allclose(found["embedding"], expected, atol=tolerance)
    assert np.abs(as_large - expected).max() > 5 * tolerance


def test_weights_are_shared():
    model = build_model("tiny_cnn", num_classes=7, image_size=None)
    shared = {id(weight) for weight in model.weights}
    assert {id(weight) for weight in resized_to(32, model).weights} == shared
