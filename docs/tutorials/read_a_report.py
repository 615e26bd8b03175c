# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Read a report
#
# What `dermdistill evaluate` writes, and what to mistrust. The predictions here are made up: a model that is often right
# and too sure of itself.
#
# Run it in the repository: `jupyter lab`, after `pip install '.[train]'`.

# %%
import numpy as np
import pandas as pd

from dermdistill.classes import load_classes

classes = load_classes("ham10000")
codes = classes.codes
rng = np.random.default_rng(0)
shares = [0.03, 0.05, 0.11, 0.02, 0.11, 0.66, 0.02]
labels = rng.choice(len(codes), size=900, p=shares)
logits = rng.normal(0, 1.2, (900, len(codes))) + np.log(shares)
logits[np.arange(900), labels] += 3
probs = np.exp(1.6 * logits)
probs /= probs.sum(axis=1, keepdims=True)
predictions = pd.DataFrame(probs, columns=[f"p_{code}" for code in codes])
predictions.insert(0, "image_id", [f"I{n}" for n in range(900)])
predictions.insert(1, "lesion_id", [f"L{n // 2}" for n in range(900)])
predictions.insert(2, "diagnosis", [codes[label] for label in labels])
predictions["diagnosis"] = predictions.groupby("lesion_id")["diagnosis"].transform("first")
predictions.insert(3, "split", ["val" if n < 450 else "test" for n in range(900)])

# %% [markdown]
# ## The headline
#
# Read **balanced accuracy** before accuracy: "always a mole" has two thirds of the accuracy. The columns are rules of
# deciding. The last column is what a bundle does.

# %%
from dermdistill.evaluate.report.analyse import analyse
from dermdistill.evaluate.report.text import headline

report = analyse(
    predictions,
    classes,
    split="test",
    class_priors=dict(zip(codes, shares)),
    class_priors_from="the notebook",
    resamples=200,
)
table = headline(report).set_index("figure")
table.loc[["accuracy", "balanced accuracy", "macro auc", "melanoma auc", "ece"]].iloc[:, [0, 2, 3]]

# %% [markdown]
# ## Is it sure of itself?
#
# The temperature is above 1: the model was too sure, and the logits are divided by it. ECE falls.

# %%
print(f"temperature {report.calibrated.temperature:.2f}")

# %% [markdown]
# ## What is referred
#
# Each point is a threshold that was fitted on validation. Compare the sensitivity that was asked for with the one that was
# measured. The cautious threshold holds it on new lesions with 90 % confidence, and costs specificity.

# %%
for point in report.calibrated.operating_points[:3]:
    print(f"asked {point.asked_sensitivity:.0%}: plain {point.measured.sensitivity}")
    print(f"           cautious {point.cautious_measured.sensitivity}")

# %% [markdown]
# ## The figures
#
# Each is a PNG at 300 dpi and a PDF, with its table beside it. Bands are 95 % intervals over lesions.

# %%
from pathlib import Path

from dermdistill.evaluate.report.write import write_report

write_report(report, predictions, classes, Path("report"), source={"file": "made up"}, title="made-up model")
print(*sorted(path.name for path in Path("report").glob("*.pdf")), sep="\n")

# %% [markdown]
# ## What no report says
#
# How the model does elsewhere: with other cameras, other people, other clinics. For that use `dermdistill board` on a source
# that it was not trained on.
