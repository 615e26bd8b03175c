# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Your own images in an hour
#
# A folder of pictures and a table become a model and its report. The lesions here are drawn by the program, so that you
# can run this at once. With your own pictures leave out the first step.
#
# Run it in the repository: `PYTHONPATH=tests jupyter lab`, after `pip install '.[train]'`.

# %% [markdown]
# ## Pictures and a table
#
# Your table needs a picture's name and its diagnosis. Name the lesion, too, or better the patient. Then pictures of one
# lesion never lie in two splits. Column names may be your own.

# %%
import csv
from pathlib import Path

import cv2

from synthetic import lesion_image

FINDINGS = {"nv": "naevus", "mel": "melanoma", "bcc": "basal cell carcinoma"}
Path("mine").mkdir(exist_ok=True)
with Path("mine/table.csv").open("w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["file", "lesion", "finding"])
    for number, (code, finding) in enumerate(list(FINDINGS.items()) * 16):
        for shot in range(2):
            name = f"lesion{number}_{shot}.png"
            image = lesion_image(code, 2 * number + shot, height=96, width=96)
            cv2.imwrite(f"mine/{name}", image[..., ::-1])
            table.writerow([name, f"lesion{number}", finding])

# %% [markdown]
# ## Prepare and split
#
# `prepare` checks every row and every picture before it decodes one. It says what it found.

# %%
from dermdistill import lab

report = lab.prepare(
    "mine",
    "runs/data/mine",
    metadata="mine/table.csv",
    columns={"image_id": "file", "lesion_id": "lesion", "diagnosis": "finding"},
    image_size=64,
)
splits = lab.split("runs/data/mine", "runs/splits.csv", val=0.2, test=0.25)
splits.groupby(["split", "diagnosis"])["image_id"].count().unstack()

# %% [markdown]
# ## Train
#
# The recipe says everything about a training. This network is tiny, so that it learns in seconds. For pictures of patients
# start from the shipped student: see "Data of your own".

# %%
recipe = {
    "name": "mine",
    "model": {"name": "tiny_cnn", "init": "none", "batch_norm_momentum": 0.8},
    "data": {"dir": "runs/data/mine", "splits": "runs/splits.csv"},
    "batches": {"size": 16},
    "optimizer": {"ema": 0.9},
    "phases": [{"image_size": 64, "epochs": 6, "learning_rate": 1e-2}],
}


def show(kind, facts):
    if kind == "epoch":
        print(f"epoch {facts['epoch']}: validation balanced accuracy {facts['val_balanced_accuracy']:.2f}")


run = lab.train(recipe, on_event=show)

# %% [markdown]
# ## Evaluate, export, ask
#
# The figure is on the test split, which chose nothing. Its interval is wide: there are few lesions.

# %%
measured = lab.evaluate(run, resamples=200)
print(measured.decisions["argmax_p_over_prior"]["balanced_accuracy"])

# %% [markdown]
# The bundle is what you give to others. Anything that runs LiteRT can use it, without TensorFlow.

# %%
import contextlib
import io

dataset = ("Drawn lesions", "CC0 1.0", "drawn by this notebook")  # whoever gets the bundle must know
with contextlib.redirect_stdout(io.StringIO()):  # Keras says where it works
    spec = lab.export(run, dataset=dataset, quantization="float32", resamples=200)
print(spec.name, spec.version, [entry.code for entry in spec.classes])
lab.predict("mine/lesion1_0.png", bundle=run / "bundle")[["image_id", "diagnosis", "p_mel"]]
