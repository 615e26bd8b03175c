"""Cross-fitting: one teacher a fold, and for each image the logits of the one that has not seen its lesion.

Teachers memorise a small training set; on their own training images they are nearly certain, and what they
know of the other classes is lost. On images they have not seen they are as unsure as they should be
(out-of-fold predictions as in stacking, Wolpert 1992; for distillation, Dao et al. 2021, arXiv:2104.09732).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dermdistill.data.splits import read_splits
from dermdistill.distill.cached.write import Part, TeacherRun
from dermdistill.distill.recipe import Recipe
from dermdistill.distill.training_set import TrainingSet
from dermdistill.errors import DataError, RecipeError


def fold_recipes(recipe: Recipe, student: Recipe) -> list[Recipe]:
    """The recipe once for each fold of its split, `NAME-fold0` and so on, each leaving that fold out.

    Raises:
        RecipeError: the recipe leaves a fold out already, or the student has another split.
        DataError: a split cannot be trained from, has no folds, or puts a lesion into two.
    """
    splits = read_splits(recipe.data.splits)
    read_splits(student.data.splits)  # whose bytes are to be compared: it tells what is wrong with them
    if recipe.data.splits.read_bytes() != student.data.splits.read_bytes():
        raise RecipeError(
            f"{recipe.name} and its student {student.name} have different splits; name the same splits.csv."
        )
    if recipe.data.fold is not None:
        raise RecipeError(f"The recipe {recipe.name} sets data.fold; cross-fitting sets it for each fold.")
    folds = _lesion_folds(splits, recipe.data.splits.name).drop_duplicates().sort_values().tolist()
    return [
        recipe.model_copy(
            update={
                "name": f"{recipe.name}-fold{fold}",
                "data": recipe.data.model_copy(update={"fold": fold}),
            }
        )
        for fold in folds
    ]


def out_of_fold(teachers: Sequence[TeacherRun], student: Recipe, data: TrainingSet) -> list[Part]:
    """Each fold's teacher with the rows of the student's training set that it has not seen.

    Raises:
        DataError: a fold has no teacher or two, or a lesion lies in two folds.
    """
    splits = read_splits(student.data.splits)
    fold_of_lesion = _lesion_folds(splits, student.data.splits.name)
    rows = data.batches.rows_looked_at
    lesions = splits.set_index("image_id")["lesion_id"].loc[[data.batches.image_ids[row] for row in rows]]
    fold_of_row = lesions.map(fold_of_lesion).to_numpy(np.int64)
    left_out = [teacher.fold for teacher in teachers]
    for fold in np.unique(fold_of_row).tolist():
        if left_out.count(fold) != 1:
            raise DataError(
                f"Fold {fold} of {student.data.splits.name} has {left_out.count(fold)} teachers that left it "
                "out; cross-fitting takes one for each fold."
            )
    return [(teacher, rows[fold_of_row == teacher.fold]) for teacher in teachers]


def _lesion_folds(splits: pd.DataFrame, name: str) -> "pd.Series[int]":
    """Fold of each training lesion, by lesion id."""
    train = splits[splits["split"] == "train"]
    folds = train.groupby("lesion_id")["fold"]
    if (folds.nunique() > 1).any():
        raise DataError(f"{name} puts a lesion into two folds; make the split again.")
    if (train["fold"] < 0).any() or train["fold"].nunique() < 2:
        raise DataError(
            f"{name} has no folds to leave out; make the split again with `dermdistill data split --folds 5`."
        )
    return folds.first()
