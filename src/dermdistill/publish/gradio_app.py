"""A Gradio app over one bundle: a picture in; what a person should be told, probabilities, a heat map out."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdistill.errors import ImageError
from dermdistill.inference import load_bundle, overlay_png
from dermdistill.records.words import LEVELS, REASONS, missed_sentence


def make_app(bundle_dir: Path) -> Any:
    """Make the app; `launch()` serves it. Needs gradio.

    Raises:
        BundleError: the bundle is missing, damaged, or fails its self-test.
    """
    import gradio  # noqa: PLC0415 - of those who run the app

    engine = load_bundle(bundle_dir)
    names = {entry.code: entry.name for entry in engine.spec.classes}

    def answer(image: NDArray[np.uint8] | None) -> tuple[str, dict[str, float], Image.Image]:
        if image is None:
            raise gradio.Error("Give a picture of one lesion.")
        try:
            prediction = engine.predict_one(image, name="The picture")
        except ImageError as error:
            raise gradio.Error(str(error)) from error
        assessment = prediction.assessment
        reasons = "\n".join(f"- {REASONS[reason]}" for reason in assessment.reasons)
        told = f"## {LEVELS[assessment.level]}\n\n{reasons}\n\n{missed_sentence(prediction)}"
        heat = Image.open(BytesIO(overlay_png(image, prediction.heat_map)))
        return told, {names[code]: p for code, p in prediction.probs.items()}, heat

    return gradio.Interface(
        fn=answer,
        inputs=gradio.Image(type="numpy", label="Picture of one lesion"),
        outputs=[
            gradio.Markdown(label="What to do"),
            gradio.Label(label="Calibrated probabilities"),
            gradio.Image(label="Where the network looked"),
        ],
        title=f"{engine.spec.name} {engine.spec.version}",
        description=f"**{engine.spec.intended_use}** If a spot worries you, see a doctor.",
        flagging_mode="never",
        api_name="predict",
    )
