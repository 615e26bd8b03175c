"""How the out-of-distribution detector fares on a clinic that it has not seen: leave one source out.

For each source of dermoscopic pictures, a detector is fitted and its threshold set without it, by the rule of
the detector that ships; then it is asked about that source's lesions, and about pictures that are no lesions.
The network itself has learned from the source's training images; those asked about are of other lesions.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.bundle import LeftOut
from dermdistill.export.detector.forms import Form
from dermdistill.export.detector.space import fit_space, fit_threshold

PHOTOGRAPHS = "photographs_"
# Of the photographs these are tissue; like drawn bare skin, they are skin's kin and are shown apart.
TISSUE, SKIN = "photographs_medical", "bare_skin"


def measure_left_out(
    train: pd.DataFrame,
    train_embeddings: NDArray[np.floating],
    seen: pd.DataFrame,
    seen_embeddings: NDArray[np.floating],
    negatives: Mapping[str, NDArray[np.floating]],
    *,
    form: Form,
) -> dict[str, LeftOut]:
    """What a detector refuses of each source that it was not fitted on, by source.

    Args:
        train: `source`, `picture` and `diagnosis` of the training images, degraded ones among them.
        train_embeddings: `[n, f]`.
        seen: the same, `split` and `lesion_id` of val and test images, which thresholds are set and measured
            on: on val images of the other sources, and on all images of the one that is left out.
        seen_embeddings: `[m, f]`.
        negatives: embeddings of pictures that are no lesions, by kind.
        form: of the detector that ships.

    Returns:
        Nothing where there is one source only.
    """
    measured = {}
    for source in sorted(train.loc[train["picture"] == "dermoscopic", "source"].unique()):
        others = (train["source"] != source).to_numpy()
        fit = ((seen["source"] != source) & (seen["split"] == "val")).to_numpy()
        asked = ((seen["source"] == source) & (seen["picture"] == "dermoscopic")).to_numpy()
        if not (others.any() and fit.any() and asked.any()):
            continue
        space = fit_space(train_embeddings[others], train[others], dims=form.dims)
        space = space.of_form(form.distance, form.dims)
        detector = fit_threshold(space, seen_embeddings[fit], seen.loc[fit, "lesion_id"])
        refused = pd.Series(detector.refused(seen_embeddings[asked]))
        of_lesion = refused.groupby(seen.loc[asked, "lesion_id"].to_numpy()).any()
        found = {kind: float(detector.refused(each).mean()) for kind, each in negatives.items()}
        everyday = [p for kind, p in found.items() if kind.startswith(PHOTOGRAPHS) and kind != TISSUE]
        measured[str(source)] = LeftOut(
            n_lesions=len(of_lesion),
            refused=round(float(of_lesion.mean()), 6),
            photographs_refused=round(float(np.mean(everyday)), 6),
            tissue_refused=round(found[TISSUE], 6) if TISSUE in found else None,
            skin_refused=round(found[SKIN], 6) if SKIN in found else None,
        )
    return measured
