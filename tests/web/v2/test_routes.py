"""The Open Inference Protocol, with real tensors."""

import gzip
import json
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest

from dermdistill.errors import BundleError
from dermdistill.web import create_app
from dermdistill.web.v2 import routes
from dermdistill.web.v2.tensors import read_request

TINY = Path(__file__).parents[2] / "fixtures" / "tiny_float32"
MODEL = "/v2/models/tiny_float32"
INFER = "/v2/models/{name}/infer"


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(4).integers(0, 256, (2, 224, 224, 3), np.uint8)


def body(images, *, nested=False, **changes):
    data = images.tolist() if nested else images.ravel().tolist()
    tensor = {"name": "image", "datatype": "UINT8", "shape": list(images.shape), "data": data}
    return {"inputs": [tensor | changes]}


def values(answer):
    return {
        tensor["name"]: np.array(
            tensor["data"], None if tensor["datatype"] == "BYTES" else np.float32
        ).reshape(tensor["shape"])
        for tensor in answer["outputs"]
    }


def error_of(response):
    assert response.mimetype == "application/json"
    assert list(response.get_json()) == ["error"]
    return response.get_json()["error"]


def test_server_and_model_are_described(client, fits):
    server = client.get("/v2")
    assert server.get_json() == {
        "name": "dermdistill",
        "version": "0.1.0",
        "extensions": ["binary_tensor_data"],
    }
    for address in (MODEL, f"{MODEL}/versions/0.1.0"):
        response = client.get(address)
        fits("/v2/models/{name}", "get", response)
        model = response.get_json()
        assert (model["name"], model["versions"]) == ("tiny_float32", ["0.1.0"])
        assert model["inputs"] == [{"name": "image", "datatype": "UINT8", "shape": [-1, 224, 224, 3]}]
        assert [(tensor["name"], tensor["shape"]) for tensor in model["outputs"]] == [
            ("assessment", [-1]),
            ("probabilities", [-1, 7]),
            ("logits", [-1, 7]),
            ("malignant_probability", [-1]),
        ]


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"ready": True}),
        (f"{MODEL}/ready", {"name": "tiny_float32", "ready": True}),
        (f"{MODEL}/versions/0.1.0/ready", {"name": "tiny_float32", "ready": True}),
    ],
)
def test_health(client, address, answer):
    response = client.get(address)
    assert response.status_code == 200
    assert response.get_json() == answer
    assert response.headers["Cache-Control"] == "no-store"


def test_with_a_damaged_bundle_there_is_no_server_that_could_say_ready(tmp_path):
    folder = Path(shutil.copytree(TINY, tmp_path / "damaged"))
    model = folder / "model.tflite"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    with pytest.raises(BundleError, match=r"model\.tflite"):
        create_app(folder)


@pytest.mark.parametrize("nested", [False, True])
def test_tensors_get_the_answers_of_the_model_itself(client, engine, fits, images, nested):
    response = client.post(f"{MODEL}/infer", json={"id": "7", **body(images, nested=nested)})
    assert response.status_code == 200
    fits(INFER, "post", response)
    answer = response.get_json()
    assert (answer["id"], answer["model_name"], answer["model_version"]) == ("7", "tiny_float32", "0.1.0")
    got = values(answer)
    expected = np.stack([engine.outputs(image).logits for image in images])
    np.testing.assert_allclose(got["logits"], expected, atol=1e-6)
    scaled = np.exp(expected.astype(float) / engine.spec.temperature)
    np.testing.assert_allclose(got["probabilities"], scaled / scaled.sum(-1, keepdims=True), atol=1e-6)


def test_a_picture_of_no_lesion_is_refused_here_too():
    app = create_app()  # the shipped student, which has a detector
    spec = app.engine.spec
    size = spec.input.size
    images = np.zeros((2, size, size, 3), np.uint8)
    images[1] = np.random.default_rng(0).integers(0, 256, images[1].shape)
    response = app.test_client().post(f"/v2/models/{spec.name}/infer", json=body(images))
    refused, malignant = (
        next(output for output in response.get_json()["outputs"] if output["name"] == name)
        for name in ("refused", "malignant_probability")
    )
    assert (refused["datatype"], refused["shape"], refused["data"]) == ("BOOL", [2], [True, True])
    expected = [prediction.malignant_probability for prediction in app.engine.predict(list(images))]
    np.testing.assert_allclose(malignant["data"], expected, atol=1e-6)
    parameters = response.get_json()["parameters"]
    assert "Research use" in parameters["notice"]
    assert parameters["sensitivity"] == "0.95"
    assert parameters["no_sign_in_100_melanomas"] == "1.0 (0.1 to 3.7)"
    [told] = [one for one in response.get_json()["outputs"] if one["name"] == "assessment"]
    assert (told["datatype"], told["shape"]) == ("BYTES", [2])
    assert told["data"] == [one.assessment.level for one in app.engine.predict(list(images))]


def test_more_images_than_a_request_may_have_are_too_many(client, images):
    for n in (33, 2**63):
        response = client.post(f"{MODEL}/infer", json=body(images[:1], shape=[n, 224, 224, 3]))
        assert response.status_code == 413
        assert "at most 32" in error_of(response)


def test_reading_a_request_takes_a_place(app, client, images, monkeypatch):
    busy = []
    monkeypatch.setattr(
        routes, "read_request", lambda *a, **k: busy.append(app.slots.busy) or read_request(*a, **k)
    )
    assert client.post(f"{MODEL}/infer", json=body(images)).status_code == 200
    assert busy == [1]
    assert app.slots.busy == 0


def test_extensions_that_are_not_offered_are_refused(client, images):
    asked = body(images[:1])
    for changes in (
        {"outputs": [{"name": "logits", "parameters": {"classification": 3}}]},
        {"parameters": {"sequence_id": 7}},
        {"inputs": [asked["inputs"][0] | {"parameters": {"shared_memory_region": "mine"}}]},
    ):
        response = client.post(f"{MODEL}/infer", json=asked | changes)
        assert response.status_code == 400
        assert "not offered" in error_of(response)
    harmless = {"outputs": [{"name": "logits", "parameters": {"binary_data": False}}]}
    assert client.post(f"{MODEL}/infer", json=asked | harmless).status_code == 200


def test_an_output_of_a_detector_that_is_not_there_is_an_error(client, images):
    asked = {**body(images[:1]), "outputs": [{"name": "refused"}]}
    response = client.post(f"{MODEL}/infer", json=asked)
    assert response.status_code == 400
    assert error_of(response).startswith("This model has no output refused")


def test_only_the_outputs_asked_for_are_given(client, images):
    asked = {**body(images[:1]), "outputs": [{"name": "logits"}]}
    answer = client.post(f"{MODEL}/versions/0.1.0/infer", json=asked).get_json()
    assert [tensor["name"] for tensor in answer["outputs"]] == ["logits"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"datatype": "FP32"}, "UINT8"),
        ({"name": "picture"}, "named image"),
        ({"shape": [1, 100, 100, 3]}, "must be [n, 224, 224, 3]"),
        ({"shape": [0, 224, 224, 3]}, "n from 1 to 32"),
        ({"shape": ["1", 224, 224, 3]}, "shape.0"),
        ({"shape": [-1, 224, 224, 3]}, "shape.0"),
        ({"data": [1, 2, 3]}, "must be 150528 numbers"),
        ({"data": [[1, 2], [3]]}, "must be 150528 numbers"),
        ({"data": [256] * 150528}, "from 0 to 255"),
        ({"data": [-1] * 150528}, "from 0 to 255"),
        ({"data": [10**30] * 150528}, "from 0 to 255"),
        ({"data": [0.5] * 150528}, "whole numbers"),
        ({"data": ["1"] * 150528}, "whole numbers"),
        ({"data": [True] * 150528}, "whole numbers"),
        ({"data": [1.0] * 150528}, "whole numbers"),
        ({"data": [1] * 150527 + ["a" * 200_000]}, "whole numbers"),
        ({"data": [1] * 150527 + [float("nan")]}, "whole numbers"),
        ({"data": [1] * 150527 + [[]]}, "flat or nested"),
        ({"data": "text"}, "inputs.0.data"),
    ],
)
def test_a_tensor_that_does_not_fit_is_said_to_be_wrong(client, fits, images, changes, said):
    response = client.post(f"{MODEL}/infer", json=body(images[:1], **changes))
    assert response.status_code == 400
    fits(INFER, "post", response)
    assert said in error_of(response)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"inputs": []}', b"[" * 100_000, b"\xff", b'{"id": "\\ud800"}']
)
def test_what_is_no_request_is_an_error(client, data):
    response = client.post(f"{MODEL}/infer", data=data, content_type="application/json")
    assert response.status_code == 400
    assert error_of(response)


def test_an_unknown_output_is_an_error(client, images):
    response = client.post(f"{MODEL}/infer", json={**body(images[:1]), "outputs": [{"name": "age"}]})
    assert response.status_code == 400
    assert error_of(response).startswith("outputs.0.name:")


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "/v2/models/other", 404),
        ("get", f"{MODEL}/versions/9.9.9/ready", 404),
        ("post", "/v2/models/other/infer", 404),
        ("get", "/v2/nothing", 404),
        ("get", f"{MODEL}/infer", 405),
    ],
)
def test_wrong_addresses_are_errors_of_the_protocol(client, method, address, status):
    response = getattr(client, method)(address)
    assert response.status_code == status
    assert error_of(response)
    if "other" in address:
        assert "tiny_float32 version 0.1.0" in error_of(response)


def test_a_request_over_the_limit_is_an_error_of_the_protocol(engine, images):
    client = create_app(engine=engine, max_request_bytes=1000).test_client()
    response = client.post(f"{MODEL}/infer", json=body(images[:1]))
    assert response.status_code == 413
    assert "larger than 1000 bytes" in error_of(response)


def test_a_full_server_says_so_in_the_protocol(engine, images):
    app = create_app(engine=engine, slots=1)
    with app.slots.hold():
        response = app.test_client().post(f"{MODEL}/infer", json=body(images[:1]))
        assert app.test_client().get("/v2/health/ready").status_code == 200
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    assert "try again" in error_of(response)


def binary_request(images, **parameters):
    """A request as tritonclient writes it: JSON, then the pixels."""
    tensor = {
        "name": "image",
        "datatype": "UINT8",
        "shape": list(images.shape),
        "parameters": {"binary_data_size": images.nbytes},
    }
    head = json.dumps({"inputs": [tensor], "parameters": parameters}).encode()
    return head + images.tobytes(), {"Inference-Header-Content-Length": str(len(head))}


def binary_values(response):
    """The outputs of a binary answer, by name."""
    length = int(response.headers["Inference-Header-Content-Length"])
    answer, place, found = json.loads(response.data[:length]), length, {}
    for tensor in answer["outputs"]:
        assert "data" not in tensor
        size = tensor["parameters"]["binary_data_size"]
        sent = response.data[place : place + size]
        if tensor["datatype"] == "BYTES":
            found[tensor["name"]] = words_in(sent)
        else:
            kind = {"FP32": "<f4", "BOOL": "?"}[tensor["datatype"]]
            found[tensor["name"]] = np.frombuffer(sent, kind).reshape(tensor["shape"])
        place += size
    assert place == len(response.data)
    return found


def words_in(sent):
    """Words that have their length before them, four bytes, little-endian."""
    words = []
    while sent:
        size = int.from_bytes(sent[:4], "little")
        words.append(sent[4 : 4 + size].decode())
        sent = sent[4 + size :]
    return words


def test_pixels_and_answers_may_travel_as_bytes(client, engine, images):
    data, headers = binary_request(images, binary_data_output=True)
    response = client.post(f"{MODEL}/infer", data=data, headers=headers)
    assert (response.status_code, response.mimetype) == (200, "application/octet-stream")
    found = binary_values(response)
    told = [prediction.assessment.level for prediction in engine.predict(list(images))]
    assert found["assessment"] == told
    np.testing.assert_array_equal(found["logits"], [engine.outputs(image).logits for image in images])
    data, headers = binary_request(images)
    plain = client.post(f"{MODEL}/infer", data=data, headers=headers)
    assert plain.mimetype == "application/json"
    np.testing.assert_array_equal(values(plain.get_json())["logits"], found["logits"])


def test_a_request_may_be_packed_whichever_way_its_pixels_travel(client, images):
    data, headers = binary_request(images)
    expected = client.post(f"{MODEL}/infer", data=data, headers=headers).get_json()
    plain = json.dumps(body(images)).encode()
    for sent, more in ((data, headers), (plain, {})):
        for encoding, pack in (("gzip", gzip.compress), ("deflate", zlib.compress)):
            packed = client.post(
                f"{MODEL}/infer", data=pack(sent), headers={**more, "Content-Encoding": encoding}
            )
            assert packed.get_json() == expected


@pytest.mark.parametrize(
    ("encoding", "data", "status"),
    [
        ("br", b"{}", 415),
        ("gzip, gzip", b"{}", 415),
        ("gzip", b"{}", 400),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-4], 400),
        ("gzip", gzip.compress(b"{}", mtime=0) + b"more", 400),
        ("deflate", b"\xff" * 50, 400),
    ],
)
def test_what_is_not_packed_as_it_says_is_an_error(client, encoding, data, status):
    response = client.post(f"{MODEL}/infer", data=data, headers={"Content-Encoding": encoding})
    assert response.status_code == status
    assert error_of(response)


@pytest.mark.parametrize("length", ["-1", "x", "", "1e3", "99999999", "9" * 30, "٣"])
def test_a_wrong_length_of_the_json_is_an_error(client, images, length):
    data, _ = binary_request(images)
    response = client.post(
        f"{MODEL}/infer",
        data=data,
        headers={"Inference-Header-Content-Length": length.encode().decode("latin-1")},
    )
    assert response.status_code == 400
    assert "Inference-Header-Content-Length" in error_of(response)


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": {"binary_data_size": 7}},
        {"parameters": {"binary_data_size": True}},
        {"parameters": {"binary_data_size": "301056"}},
        {"parameters": {"binary_data_size": 10**30}},
        {"parameters": {"binary_data_size": 301056}, "data": [1]},
        {"parameters": {}},
    ],
)
def test_bytes_that_do_not_fit_what_was_announced_are_an_error(client, images, change):
    tensor = {"name": "image", "datatype": "UINT8", "shape": list(images.shape)} | change
    head = json.dumps({"inputs": [tensor]}).encode()
    headers = {"Inference-Header-Content-Length": str(len(head))}
    response = client.post(f"{MODEL}/infer", data=head + images.tobytes(), headers=headers)
    assert response.status_code == 400
    assert error_of(response)
