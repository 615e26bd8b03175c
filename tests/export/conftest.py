import numpy as np
import pytest


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory):
    """A run of a tiny network and its model."""
    from dermdistill.models import load_run_model
    from dermdistill.runs import read_run
    from tiny_run import make_run

    run_dir = make_run(tmp_path_factory.mktemp("export"))
    return read_run(run_dir), load_run_model(run_dir)


@pytest.fixture(scope="session")
def student():
    """A tiny network whose normalisation does something."""
    import keras

    from dermdistill.models import build_model
    from dermdistill.models.freeze import backbone_of

    keras.utils.set_random_seed(0)
    model = build_model("tiny_cnn", image_size=64)
    rng = np.random.default_rng(0)
    for layer in backbone_of(model).layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.gamma.shape
            layer.set_weights([rng.uniform(0.5, 2, shape), *rng.normal(0, 0.3, (2, *shape)), np.ones(shape)])
    model.get_layer("class_maps").kernel.assign(rng.normal(size=(1, 1, 32, 7)))
    model.get_layer("logits").bias.assign(rng.normal(size=7))
    return model


@pytest.fixture(scope="session")
def pictures():
    """Noise that such a network answers each in its own way."""
    return np.random.default_rng(1).integers(0, 256, (24, 64, 64, 3), np.uint8)
