"""A bundle as a model repository for Hugging Face: its files, a card, a Gradio app. Nothing is uploaded."""

import shutil
import tempfile
from pathlib import Path

from dermdistill.bundle import SPEC_FILE, OpenBundle
from dermdistill.publish.card import card_metadata, card_text
from dermdistill.publish.extra import PublishError, refuse_without

CARD = "README.md"
_APP = """\
\"\"\"The model of this repository as a Gradio app; a Space has the model's files beside this one.\"\"\"

from pathlib import Path

from dermdistill.publish.gradio_app import make_app

here = Path(__file__).resolve().parent
app = make_app(here if (here / "bundle.json").is_file() else here.parent)

if __name__ == "__main__":
    app.launch()
"""
_SPACE = """\
---
title: {name}
sdk: gradio
app_file: app.py
license: {licence}
---

Put the model's files beside `app.py`. {use}
"""


def check_free(folder: Path) -> None:
    """Refuse a folder that holds something else, and a missing extra.

    Raises:
        PublishError: huggingface_hub is missing, or the folder holds no earlier repository of this kind.
    """
    refuse_without("huggingface_hub")
    occupied = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    if occupied and not ((folder / SPEC_FILE).is_file() and (folder / CARD).is_file()):
        raise PublishError(f"{folder} exists and is no model repository; give another folder or remove it.")


def write_hub(bundle: OpenBundle, folder: Path) -> None:
    """Write the repository to `folder`, whole or not at all; an earlier one is replaced.

    Raises:
        PublishError: see `check_free`.
        OSError: it cannot be written.
    """
    check_free(folder)
    from huggingface_hub import ModelCard, ModelCardData  # noqa: PLC0415 - of the extra

    spec = bundle.spec
    metadata = ModelCardData(**card_metadata(spec))
    card = ModelCard(f"---\n{metadata.to_yaml()}\n---\n\n{card_text(spec)}")
    texts = {
        CARD: str(card),
        ".gitattributes": "".join(
            f"*.{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in ("tflite", "onnx", "f32")
        ),
        "space/app.py": _APP,
        "space/README.md": _SPACE.format(name=spec.name, licence=metadata.license, use=spec.intended_use),
        "space/requirements.txt": "dermdistill\ngradio>=6\n",
    }
    files = {name: text.encode() for name, text in texts.items()}
    files |= {SPEC_FILE: bundle.spec_json, **bundle.contents}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        new, old = Path(temporary) / "new", Path(temporary) / "old"
        for name, data in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(data)
        if folder.exists():
            shutil.move(folder, old)
        new.rename(folder)
