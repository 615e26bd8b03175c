"""A bundle's model card for Hugging Face: README.md with metadata, by huggingface_hub."""

from typing import Any

from dermdistill.bundle import BundleSpec, Interval
from dermdistill.bundle.fields import GENERATED

# Figures that Hugging Face has names for (hf.co/metrics), by ours.
_METRICS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced_accuracy",
    "macro_f1": "f1",
    "macro_auc": "roc_auc",
    "melanoma_auc": "roc_auc",
}
_BODY = """\
# {name} {version}

A small network that answers a picture of a skin lesion: with calibrated probabilities of {count} classes, and
with what a person should be told. Made by DermDistill, which runs it.

> **{use}** If a spot worries you, see a doctor.

## Use

```console
pip install dermdistill
dermdistill predict --bundle . photographs
dermdistill serve --bundle .
```

```python
from dermdistill.inference import load_bundle

prediction = load_bundle(".").predict("photograph.jpg")[0]
prediction.assessment.level, prediction.probs
```

`{model_file}` alone has three outputs and answers uncalibrated logits; `bundle.json` says the rest:
temperature, operating points, conformal sets, the detector of pictures unlike lesions. A Gradio app is in
`space/app.py`.

## Classes

| code | name | risk | share of training images |
| --- | --- | --- | --- |
{classes}

## Figures

{figures}

{missed}

## Training data and licence

{datasets}

Weights: {weights_licence}. Code: {code_licence}.

## Limits

- It knows the classes above and no other. Each picture gets an answer among them.
- Figures hold for pictures like those of its data sets, and for how often each class occurs there.
- A picture that is no lesion is often refused, not always.
"""


def card_metadata(spec: BundleSpec) -> dict[str, Any]:
    """Arguments of huggingface_hub's ModelCardData."""
    from huggingface_hub import EvalResult  # noqa: PLC0415 - of the extra

    licence = spec.licences.get("weights", "")
    results = [
        EvalResult(
            task_type="image-classification",
            dataset_type=dataset_id(spec.training.datasets[0].name),
            dataset_name=", ".join(dataset.name for dataset in spec.training.datasets),
            dataset_split=spec.metrics.split,
            metric_type=kind,
            metric_name=name.replace("_", " "),
            metric_value=spec.metrics.values[name].value,
        )
        for name, kind in _METRICS.items()
        if spec.metrics is not None and name in spec.metrics.values
    ]
    return {
        "model_name": spec.name,
        "language": "en",
        "library_name": "litert",
        "pipeline_tag": "image-classification",
        "license": licence.lower() if _is_known(licence) else "other",
        "license_name": None if _is_known(licence) else licence or "unknown",
        "datasets": [dataset_id(dataset.name) for dataset in spec.training.datasets],
        "metrics": sorted(set(_METRICS.values())) if results else None,
        "eval_results": results or None,
        "tags": ["dermatology", "skin-lesion", "knowledge-distillation", "litert", "tflite", "calibration"],
    }


def card_text(spec: BundleSpec) -> str:
    """The card below its metadata."""
    return _BODY.format(
        name=spec.name,
        version=spec.version,
        count=len(spec.classes),
        use=spec.intended_use,
        model_file=spec.model_file,
        classes="\n".join(
            f"| {entry.code} | {entry.name} | {entry.risk} | {spec.class_priors[entry.code]:.3f} |"
            for entry in spec.classes
        ),
        figures=_figures(spec),
        missed=_missed(spec),
        datasets=_datasets(spec),
        weights_licence=spec.licences.get("weights", "unknown"),
        code_licence=spec.licences.get("code", "unknown"),
    )


def dataset_id(name: str) -> str:
    """A data set's name as an identifier: letters, digits, `-`, `_` and `.` only."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name).lower()


def _datasets(spec: BundleSpec) -> str:
    told = "\n".join(f"- {one.name} ({one.licence}): {one.source}" for one in spec.training.datasets)
    if any(one.source.startswith(GENERATED) for one in spec.training.datasets):
        return f"**Trained also on generated pictures**, which no camera took.\n\n{told}"
    return told


def _is_known(licence: str) -> bool:
    """Whether Hugging Face lists the licence by its SPDX identifier in small letters."""
    return licence.lower() in {"apache-2.0", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "mit"}


def _figures(spec: BundleSpec) -> str:
    if spec.metrics is None:
        return "Nobody has measured any."
    rows = "\n".join(
        f"| {name.replace('_', ' ')} | {_shown(value)} |" for name, value in spec.metrics.values.items()
    )
    return (
        f"On the {spec.metrics.split} split, {spec.metrics.n_images} images of {spec.metrics.n_lesions} "
        "lesions, with 95 % intervals by bootstrap over lesions; scored as the file that ships.\n\n"
        f"| figure | value |\n| --- | --- |\n{rows}"
    )


def _shown(figure: Interval) -> str:
    interval = "" if figure.low is None or figure.high is None else f" [{figure.low:.3f}, {figure.high:.3f}]"
    return f"{figure.value:.3f}{interval}"


def _missed(spec: BundleSpec) -> str:
    found = {
        point.sensitivity: point.missed_melanomas
        for point in spec.operating_points
        if point.missed_melanomas is not None
    }
    if not found:
        return "**In how many melanomas it answers with no sign of danger, nobody has measured.**"
    said = "; ".join(
        f"at the operating point {sensitivity:g}, {missed.missed} of {missed.n_lesions} "
        f"({missed.low:.1f} to {missed.high:.1f} of 100, 95 % interval)"
        for sensitivity, missed in sorted(found.items())
    )
    return f"**Melanomas answered with no sign of danger, wrongly:** {said}."
