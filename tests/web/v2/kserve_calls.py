# /// script
# requires-python = ">=3.11"
# dependencies = ["kserve==0.21.0"]
# ///
"""What the client of kserve makes of the answers to its default calls, as JSON.

    uv run --script tests/web/v2/kserve_calls.py HOST:PORT MODEL

The pixels are those of tests/web/v2/test_clients.py. In an environment of its own, because kserve needs older
releases of pandas and protobuf than the rest.
"""

import asyncio
import json
import sys

import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig


async def _main(address: str, model: str) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (2, 224, 224, 3), np.uint8)
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    said = {
        "live": await client.is_server_live(address),
        "ready": await client.is_server_ready(address),
        "model ready": await client.is_model_ready(address, model),
    }
    for name, how in (("default", {}), ("binary", {"binary_data": True}), ("json", {"binary_data": False})):
        tensor = InferInput("image", list(pixels.shape), "UINT8")
        tensor.set_data_from_numpy(pixels, **how)
        request = InferRequest(model_name=model, infer_inputs=[tensor])
        answer = await client.infer(address, request, model_name=model)
        said[name] = {output.name: output.as_numpy().tolist() for output in answer.outputs}
    print(json.dumps(said))


if __name__ == "__main__":
    asyncio.run(_main(f"http://{sys.argv[1]}", sys.argv[2]))
