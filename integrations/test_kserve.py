"""/v2 against KServe's and Triton's clients with their defaults; the manifest against KServe's models."""

import asyncio

import kserve
import numpy as np
import tritonclient.http as triton
import yaml
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

from conftest import HERE


def logits_of(engine, pixels):
    return np.stack([engine.outputs(image).logits for image in pixels])


def test_kserves_client_with_its_defaults(place, engine, pixels):
    async def talk():
        client = InferenceRESTClient(RESTConfig(protocol="v2"))
        at = f"http://{place}"
        assert await client.is_server_live(at)
        assert await client.is_server_ready(at)
        assert await client.is_model_ready(at, engine.spec.name)
        answers = []
        for as_bytes in (True, False):
            tensor = InferInput("image", list(pixels.shape), "UINT8")
            tensor.set_data_from_numpy(pixels, binary_data=as_bytes)
            request = InferRequest(engine.spec.name, [tensor])
            answers.append(await client.infer(at, request, model_name=engine.spec.name))
        await client.close()
        return answers

    for answer in asyncio.run(talk()):
        found = {output.name: output.as_numpy() for output in answer.outputs}
        np.testing.assert_allclose(found["logits"], logits_of(engine, pixels), atol=1e-5)
        assert found["assessment"].shape == (len(pixels),)


def test_tritonclient_with_its_defaults(place, engine, pixels):
    tensor = triton.InferInput("image", pixels.shape, "UINT8")
    tensor.set_data_from_numpy(pixels)
    with triton.InferenceServerClient(place) as client:
        answer = client.infer(engine.spec.name, [tensor])
    np.testing.assert_allclose(answer.as_numpy("logits"), logits_of(engine, pixels), atol=1e-6)
    levels = [prediction.assessment.level for prediction in engine.predict(pixels)]
    assert answer.as_numpy("assessment").astype(str).tolist() == levels


def unknown(document, kind, path=""):
    """Keys of a manifest that KServe's own model of that kind does not have."""
    if not isinstance(document, dict) or not hasattr(kserve, kind):
        return []
    model = getattr(kserve, kind)
    names = {shown: python for python, shown in model.attribute_map.items()}
    found = [f"{path}.{key}" for key in document if key not in names]
    for key, value in document.items():
        inner = model.openapi_types.get(names.get(key, ""), "")
        for one in value if isinstance(value, list) else [value]:
            found += unknown(one, inner.removeprefix("list[").removesuffix("]"), f"{path}.{key}")
    return found


def test_kserves_models_know_every_key_of_the_manifest():
    runtime, service = yaml.safe_load_all((HERE / "kserve/runtime_and_service.yaml").read_text())
    assert unknown(runtime, "V1alpha1ServingRuntime") == []
    assert unknown(service, "V1beta1InferenceService") == []
    assert unknown({"spec": {"predictor": {"modle": {}}}}, "V1beta1InferenceService") == [
        ".spec.predictor.modle"
    ]
    assert service["spec"]["predictor"]["model"]["runtime"] == runtime["metadata"]["name"]
    formats = [(one["name"], one["version"]) for one in runtime["spec"]["supportedModelFormats"]]
    wanted = service["spec"]["predictor"]["model"]["modelFormat"]
    assert (wanted["name"], wanted["version"]) in formats
