"""What the converted files hold: no operator outside LiteRT's own, integers inside, the promised names."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from dermdistill.data.splits import read_splits
from dermdistill.export.formats.litert import choose_calibration, convert_float32, convert_int8


@pytest.fixture(scope="module")
def files(tiny_run):
    _, study, model = tiny_run
    images = study.images(choose_calibration(study.splits))
    return {"float32": convert_float32(model), "int8": convert_int8(model, images)}


def _interpreter(data):
    interpreter = Interpreter(model_content=data, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


@pytest.mark.parametrize("quantization", ["float32", "int8"])
def test_uint8_in_and_named_outputs_out(files, quantization):
    interpreter = _interpreter(files[quantization])
    (image,) = interpreter.get_input_details()
    assert (image["dtype"], image["shape"].tolist()) == (np.uint8, [1, 96, 96, 3])
    named = interpreter.get_signature_runner("serving_default").get_output_details()
    shapes = {name: details["shape"].tolist() for name, details in named.items()}
    assert shapes == {"logits": [1, 7], "class_maps": [1, 12, 12, 7], "embedding": [1, 32]}
    assert {details["dtype"] for details in named.values()} == {np.float32}


@pytest.mark.parametrize("quantization", ["float32", "int8"])
def test_no_operator_needs_tensorflow(files, quantization):
    names = {op["op_name"] for op in _interpreter(files[quantization])._get_ops_details()}
    assert not {name for name in names if name.startswith("Flex") or name == "CUSTOM"}


def test_int8_weights_are_integers_by_channel(files):
    kernels = [
        details
        for details in _interpreter(files["int8"]).get_tensor_details()
        if details["shape"].tolist()[1:3] == [3, 3] and details["dtype"] == np.int8
    ]
    channels = sorted(len(kernel["quantization_parameters"]["scales"]) for kernel in kernels)
    assert channels == [8, 16, 32]
    assert len(files["int8"]) < 0.5 * len(files["float32"])


def test_int8_answers_almost_as_float_does(files, tiny_run):
    run, _, _ = tiny_run
    images = np.load(run.data_dirs[0] / "images.npy")[::12]
    answers = {}
    for name, data in files.items():
        runner = _interpreter(data).get_signature_runner("serving_default")
        answers[name] = np.concatenate([runner(image=image[None])["logits"] for image in images])
    spread = answers["float32"].std(axis=0).mean()
    assert np.abs(answers["int8"] - answers["float32"]).mean() < 0.15 * spread


def test_calibration_sees_every_class_and_only_train(tiny_run):
    splits = read_splits(tiny_run[0].splits_path)
    chosen = choose_calibration(splits, 35)
    assert chosen["diagnosis"].value_counts().to_dict() == dict.fromkeys(chosen["diagnosis"].unique(), 5)
    assert set(chosen["split"]) == {"train"}
    assert chosen["image_id"].is_unique
