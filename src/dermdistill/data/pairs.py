"""Cross-modal distillation: teachers look at the dermoscopic picture of a lesion, the student at a close-up.

A dermatoscope shows what a camera does not. Where a lesion has a picture of both kinds, its teacher may
answer on the better one, as in learning with privileged information (Vapnik and Izmailov 2015; generalized
distillation, Lopez-Paz et al. 2016, arXiv:1511.03643; cross-modal distillation, Gupta et al. 2016,
arXiv:1507.00448).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.data.study import Study
from dermdistill.errors import DataError


@dataclass(frozen=True)
class Pairs:
    """What teachers look at for each training image.

    Attributes:
        more: rows of the split that the student never sees and its teachers do, m of them.
        looked_at: int `[n]`, for each training image the position of what teachers look at. Positions count
            the n training images and then the m others. Teachers look at a dermoscopic picture of the same
            lesion for a clinical picture, else at the image itself.
        notice: how many clinical pictures have no dermoscopic one, without a full stop; or None.
    """

    more: pd.DataFrame
    looked_at: NDArray[np.int64]
    notice: str | None


def pair_pictures(train: pd.DataFrame, learned_from: pd.DataFrame, study: Study) -> Pairs:
    """Find the dermoscopic picture of each clinical picture's lesion.

    Of several it is the first by image id. A clinical picture without one is its own: its teachers look at
    what the student sees.

    Args:
        train: image_id and lesion_id of the n training images.
        learned_from: the same of all images of the study that may be learned from, so that nobody sees a
            picture that is held out.
        study: knows which picture is of which kind.

    Raises:
        DataError: no training image is a clinical picture of a lesion that has a dermoscopic one.
    """
    kinds = study.prepared.index.set_index("image_id")["picture"]
    dermoscopic = learned_from[learned_from["image_id"].map(kinds) == "dermoscopic"].sort_values("image_id")
    of_lesion = dermoscopic.drop_duplicates("lesion_id").set_index("lesion_id")["image_id"]
    clinical = train["image_id"].map(kinds) == "clinical"
    partner = train["lesion_id"].map(of_lesion).where(clinical)
    paired = partner.notna()
    if not paired.any():
        raise DataError(
            "distill.cross_modal needs clinical pictures of lesions that have a dermoscopic one, and no "
            "training image is one; name a source that has both, such as MILK10k, or leave it out."
        )
    teachers_see = partner.where(paired, train["image_id"])
    more = dermoscopic[
        dermoscopic["image_id"].isin(teachers_see) & ~dermoscopic["image_id"].isin(train["image_id"])
    ]
    shown = pd.Index([*train["image_id"], *more["image_id"]])
    alone = int((clinical & ~paired).sum())
    return Pairs(
        more=more,
        looked_at=np.asarray(shown.get_indexer(pd.Index(teachers_see)), np.int64),
        notice=f"{alone} clinical pictures have no dermoscopic one of their lesion: for these, teachers look "
        "at the same picture as the student"
        if alone
        else None,
    )
