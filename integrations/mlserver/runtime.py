"""A bundle in MLServer: `mlserver start .` beside model-settings.json, which names the bundle's folder.

Images come in as the student takes them, UINT8 `[n, size, size, 3]`; see docs/integrations.md.
"""

import asyncio
from collections.abc import Sequence

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.errors import InferenceError
from mlserver.types import InferenceRequest, InferenceResponse, Parameters, ResponseOutput
from mlserver.utils import get_model_uri

from dermdistill.errors import DermDistillError
from dermdistill.inference import Prediction, load_bundle


class SkinLesions(MLModel):
    """One bundle: what a person should be told, and calibrated probabilities."""

    async def load(self) -> bool:
        """Open the bundle: its checksums are verified and its self-test is run."""
        self.engine = load_bundle(await get_model_uri(self.settings))
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Answer each image of the one input tensor."""
        images = NumpyCodec.decode_input(payload.inputs[0])
        try:
            found = await asyncio.to_thread(self.engine.predict, images)
        except DermDistillError as error:
            raise InferenceError(str(error)) from error
        return InferenceResponse(
            model_name=self.name,
            model_version=self.engine.spec.version,
            parameters=Parameters(notice=self.engine.spec.intended_use, **_missed(found[0])),
            outputs=_outputs(found),
        )


def _outputs(found: Sequence[Prediction]) -> list[ResponseOutput]:
    floats = {
        "probabilities": [list(one.probs.values()) for one in found],
        "malignant_probability": [one.malignant_probability for one in found],
    }
    return [
        StringCodec.encode_output("assessment", [one.assessment.level for one in found]),
        *(NumpyCodec.encode_output(name, np.array(values, np.float32)) for name, values in floats.items()),
    ]


def _missed(prediction: Prediction) -> dict[str, str]:
    """In how many of 100 melanomas `no_sign` was wrong; it belongs to every such answer."""
    missed = prediction.missed_melanomas
    return {
        "no_sign_in_100_melanomas": f"{missed.low:.1f} to {missed.high:.1f}" if missed else "not measured"
    }
