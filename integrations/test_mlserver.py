"""/v2 against the types that MLServer generates from the protocol's description; and a bundle in MLServer."""

import json
import shutil
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import tritonclient.http as triton
from mlserver import types

from conftest import HERE, running
from dermdistill.bundle import default_bundle_path


def ask(place, path, body=None):
    """Status and JSON of one request."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://{place}{path}", data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_every_answer_is_of_the_protocols_types(place, engine, pixels):
    """MLServer's types are generated from the protocol's OpenAPI description."""
    name = engine.spec.name
    for path in ("/v2/health/live", "/v2/health/ready", f"/v2/models/{name}/ready"):
        assert ask(place, path)[0] == 200
    server = types.MetadataServerResponse.model_validate(ask(place, "/v2")[1])
    assert server.name == "dermdistill"
    model = types.MetadataModelResponse.model_validate(ask(place, f"/v2/models/{name}")[1])
    assert model.versions == [engine.spec.version]
    tensor = {"name": "image", "shape": [1, *pixels.shape[1:]], "datatype": "UINT8"}
    request = {"id": "a", "inputs": [{**tensor, "data": pixels[0].ravel().tolist()}]}
    types.InferenceRequest.model_validate(request)
    answer = types.InferenceResponse.model_validate(ask(place, f"/v2/models/{name}/infer", request)[1])
    assert (answer.id, answer.model_name, answer.model_version) == ("a", name, engine.spec.version)
    declared = {output.name: output for output in model.outputs or []}
    assert {output.name for output in answer.outputs} == set(declared)
    for output in answer.outputs:
        assert output.datatype == declared[output.name].datatype
        assert len(np.ravel(output.data.root)) == np.prod(output.shape)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v2/models/nobody", None, 404),
        ("/v2/models/nobody/infer", {"inputs": []}, 404),
        ("/v2/models/{name}/infer", {"inputs": []}, 400),
        ("/v2/models/{name}/infer", {"inputs": [{"name": "image", "shape": [1], "datatype": "FP32"}]}, 400),
    ],
)
def test_an_error_is_of_the_protocols_type(place, engine, path, body, status):
    code, answer = ask(place, path.format(name=engine.spec.name), body)
    assert code == status
    assert types.InferenceErrorResponse.model_validate(answer).error


@pytest.fixture(scope="module")
def mlserver(tmp_path_factory):
    """Port of MLServer with the example's settings and the shipped bundle."""
    folder = tmp_path_factory.mktemp("mlserver")
    for path in (HERE / "mlserver").glob("*.*"):
        shutil.copy(path, folder)
    shutil.copytree(default_bundle_path(), folder / "bundle")
    ports = []
    for _ in range(3):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    settings = {"host": "127.0.0.1", "http_port": ports[0], "grpc_port": ports[1], "metrics_port": ports[2]}
    (folder / "settings.json").write_text(json.dumps({**settings, "parallel_workers": 0}))
    command = [str(Path(sys.executable).with_name("mlserver")), "start", "."]
    with running(command, folder, f"http://127.0.0.1:{ports[0]}/v2/health/ready"):
        yield f"127.0.0.1:{ports[0]}"


def test_mlserver_with_the_examples_runtime_answers_as_the_engine(mlserver, engine, pixels):
    tensor = triton.InferInput("image", pixels.shape, "UINT8")
    tensor.set_data_from_numpy(pixels, binary_data=False)  # over HTTP MLServer reads JSON alone
    names = ("assessment", "probabilities")
    outputs = [triton.InferRequestedOutput(name, binary_data=False) for name in names]
    with triton.InferenceServerClient(mlserver) as client:
        assert client.is_model_ready(engine.spec.name)
        answer = client.infer(engine.spec.name, [tensor], outputs=outputs)
    expected = engine.predict(pixels)
    probabilities = [list(prediction.probs.values()) for prediction in expected]
    np.testing.assert_allclose(answer.as_numpy("probabilities"), probabilities, atol=1e-6)
    levels = [prediction.assessment.level for prediction in expected]
    assert answer.as_numpy("assessment").astype(str).ravel().tolist() == levels
    assert answer.get_response()["parameters"]["notice"] == engine.spec.intended_use
