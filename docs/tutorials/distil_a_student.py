# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Distil a student
#
# A teacher learns from labels. A student learns from the labels and from the teacher's answers to the same views. Both are
# tiny here, and the lesions are drawn, so look at how it is done and not at the figures.
#
# Run it in the repository: `PYTHONPATH=tests jupyter lab`, after `pip install '.[train]'`.

# %%
import csv
from pathlib import Path

import cv2

from dermdistill import lab
from synthetic import lesion_image

Path("drawn/images").mkdir(parents=True, exist_ok=True)
with Path("drawn/HAM10000_metadata.csv").open("w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["lesion_id", "image_id", "dx"])
    for number, code in enumerate(["nv", "mel", "bkl"] * 16):
        table.writerow([f"L{number}", f"I{number}", code])
        image = lesion_image(code, number, height=96, width=96, signal=0.7)
        cv2.imwrite(f"drawn/images/I{number}.jpg", image[..., ::-1])
lab.prepare("drawn", "runs/data/drawn", image_size=64)
lab.split("runs/data/drawn", "runs/splits.csv", val=0.2, test=0.25).groupby("split")["image_id"].count()

# %% [markdown]
# ## The teacher
#
# Settings are those of a recipe in TOML: each is explained in "Recipes".

# %%
recipe = {
    "name": "teacher",
    "model": {"name": "tiny_cnn", "init": "none", "batch_norm_momentum": 0.8},
    "data": {"dir": "runs/data/drawn", "splits": "runs/splits.csv"},
    "batches": {"size": 12},
    "optimizer": {"ema": 0.9},
    "phases": [{"image_size": 64, "epochs": 5, "learning_rate": 1e-2}],
}
teacher = lab.train(recipe)

# %% [markdown]
# ## The student, and its control
#
# The control is the same recipe without the teacher. Only the two together say what distillation did. Train several seeds
# of each before you believe a difference.

# %%
student = lab.distill(recipe | {"name": "student", "distill": {"teachers": [teacher]}})
control = lab.train(recipe | {"name": "control", "seed": 1})
for run in (teacher, student, control):
    report = lab.evaluate(run, resamples=200)
    print(f"{run.name:8}", report.decisions["argmax_p_over_prior"]["balanced_accuracy"])

# %% [markdown]
# On real lesions, with three seeds on each side, `dermdistill compare` gives the gain with its interval.
# [Experiments](../experiments/index.md) shows such tables: at full length the gain of MobileNetV2 is within chance.
