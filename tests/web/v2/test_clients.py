"""The clients that people have, with their default calls, against a real server."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tritonclient.http as triton

from dermdistill.inference import load_bundle
from servers import TINY, started

NAME = "tiny_float32"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with started("serve", tmp_path_factory.mktemp("serve")) as server:
        yield server.place


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(7).integers(0, 256, (2, 224, 224, 3), np.uint8)


@pytest.fixture(scope="module")
def logits(pixels):
    engine = load_bundle(TINY, threads=1)
    return np.stack([engine.outputs(image).logits for image in pixels])


@pytest.fixture
def client(place):
    with triton.InferenceServerClient(place) as client:
        yield client


def the_input(pixels, **settings):
    found = triton.InferInput("image", pixels.shape, "UINT8")
    found.set_data_from_numpy(pixels, **settings)
    return found


def test_tritonclient_finds_server_and_model(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(NAME)
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    assert client.get_model_metadata(NAME)["inputs"][0]["shape"] == [-1, 224, 224, 3]


@pytest.mark.parametrize("settings", [{}, {"binary_data": False}])
@pytest.mark.parametrize("packed", [None, "gzip", "deflate"])
def test_tritonclient_gets_the_models_answers(client, pixels, logits, settings, packed):
    answer = client.infer(
        NAME,
        [the_input(pixels, **settings)],
        request_compression_algorithm=packed,
        response_compression_algorithm=packed,
    )
    np.testing.assert_allclose(answer.as_numpy("logits"), logits, atol=1e-6)
    np.testing.assert_allclose(answer.as_numpy("probabilities").sum(1), 1, atol=1e-6)


@pytest.mark.parametrize("binary", [True, False])
def test_tritonclient_gets_the_outputs_it_names(client, pixels, logits, binary):
    outputs = [
        triton.InferRequestedOutput(name, binary_data=binary) for name in ("malignant_probability", "logits")
    ]
    answer = client.infer(NAME, [the_input(pixels)], outputs=outputs, request_id="7")
    assert answer.get_response()["id"] == "7"
    np.testing.assert_allclose(answer.as_numpy("logits"), logits, atol=1e-6)
    assert answer.as_numpy("malignant_probability").shape == (2,)
    assert answer.as_numpy("probabilities") is None


def test_tritonclient_is_told_what_is_wrong(client, pixels):
    with pytest.raises(triton.InferenceServerException, match="shape must be"):
        client.infer(NAME, [the_input(pixels[:, :100])])


@pytest.mark.slow
def test_kserve_gets_the_models_answers_by_its_default_calls(place, logits):
    """The real client, in an environment of its own, which uv sets up from the script's lock file."""
    uv = Path(sys.prefix).with_name("uv") / "bin" / "uv"  # where `make test` has it
    command = [str(uv) if uv.exists() else "uv", "run", "--quiet", "--locked", "--python", sys.executable]
    script = Path(__file__).with_name("kserve_calls.py")
    done = subprocess.run(
        [*command, "--script", script, place, NAME], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["live"] is said["ready"] is said["model ready"] is True
    for how in ("default", "binary", "json"):
        np.testing.assert_allclose(said[how]["logits"], logits, atol=1e-6)
        np.testing.assert_allclose(np.sum(said[how]["probabilities"], 1), 1, atol=1e-6)
        assert len(said[how]["assessment"]) == len(logits)
