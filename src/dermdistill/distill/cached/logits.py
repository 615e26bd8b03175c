"""Teachers computed beforehand: logits keyed by image id *and* view, so that no order can mix them up."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from dermdistill.data.batches import Batch, BatchSource
from dermdistill.data.lineage.learned_from import UNTOLD, Lineage, from_json, to_json
from dermdistill.data.lineage.trace import ENTRY
from dermdistill.distill.held_out import refuse_seen
from dermdistill.errors import DataError
from dermdistill.files import written_whole


@dataclass(frozen=True)
class TeacherLogits:
    """One teacher's logits on a bank of views.

    Attributes:
        image_ids: n identities, each once.
        logits: float16 `[n, views, classes]`; `logits[i, k]` belongs to view k of image i.
        views_key: identity of the views, see `views_key`.
        codes: of the classes, in the order of the logits.
        made_by: what computed them, JSON; for people, and to see that a file is finished.
        learned_from: the data sets that the teacher has learned from.
    """

    image_ids: tuple[str, ...]
    logits: NDArray[np.float16]
    views_key: str
    codes: tuple[str, ...]
    made_by: str = ""
    learned_from: Lineage = UNTOLD


@dataclass(frozen=True)
class CachedTeachers:
    """The logits of several teachers for the training set, in its row order.

    Attributes:
        logits: float32 `[n, views, teachers, classes]`; not a number for an image that no teacher looks at.
    """

    logits: NDArray[np.float32]

    @classmethod
    def open(
        cls, paths: tuple[Path, ...], batches: BatchSource, held_out: frozenset[str]
    ) -> "CachedTeachers":
        """Load the files and bring each into the training set's row order by image id.

        Args:
            paths: the files.
            batches: the student's training set.
            held_out: ids of the images that are held out; a teacher answers what it was trained on.

        Raises:
            DataError: a file was made for other views or classes, lacks an image or a view, or has a teacher
            that was trained on held-out images.
        """
        stacks = []
        for path in paths:
            teacher = load_teacher_logits(path)
            if teacher.views_key != views_key(batches):
                raise DataError(
                    f"{path} was computed on other views than this recipe makes (other [views] or seed); "
                    "cache the teacher's logits again."
                )
            if teacher.codes != batches.codes:
                raise DataError(
                    f"{path} holds logits of {', '.join(teacher.codes)}; this data has training images of "
                    f"{', '.join(batches.codes)}: cache those of a teacher of the same classes."
                )
            if not 0 < batches.view_bank <= teacher.logits.shape[1]:
                raise DataError(
                    f"{path} holds {teacher.logits.shape[1]} views an image; set batches.view_bank from 1 to "
                    f"that number (it is {batches.view_bank})."
                )
            refuse_seen(teacher.image_ids, held_out, f"teacher of {path}")
            row_of = {image_id: row for row, image_id in enumerate(teacher.image_ids)}
            wanted = batches.rows_looked_at
            ids = [batches.image_ids[row] for row in wanted]
            missing = [image_id for image_id in ids if image_id not in row_of]
            if missing:
                raise DataError(
                    f"{path} lacks {len(missing)} of the training images, first {missing[0]}; cache the "
                    "teacher's logits again for this split."
                )
            logits = np.full((len(batches.image_ids), *teacher.logits.shape[1:]), np.nan, np.float32)
            logits[wanted] = teacher.logits[[row_of[image_id] for image_id in ids]]
            stacks.append(logits[:, : batches.view_bank])
        return cls(np.stack(stacks, axis=2))

    def look_up(self, batch: Batch) -> NDArray[np.float32]:
        """Logits `[batch, teachers, classes]` of the images that teachers look at, in the batch's views.

        A mixed image gets its two images' probabilities, mixed alike: the teacher has not seen the mixture.
        """
        logits = self.logits[batch.rows if batch.looked_at is None else batch.looked_at, batch.views]
        if batch.mixture.share == 1:
            return logits
        shifted = logits - logits.max(axis=-1, keepdims=True)
        probs = np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
        return np.log(np.maximum(batch.mixture.of_values(probs), 1e-8))


def views_key(batches: BatchSource) -> str:
    """Identity of the views a training sees: equal keys mean equal pixels for equal image id and view."""
    seed = batches.seed if batches.view_seed is None else batches.view_seed
    text = f"{batches.view_settings.identity()}/{seed}/{batches.images.shape[1]}"
    return hashlib.sha256(text.encode()).hexdigest()


def save_teacher_logits(path: Path, teacher: TeacherLogits) -> None:
    """Write a compressed .npz, whole or not at all."""
    arrays: dict[str, Any] = {
        "image_ids": np.array(teacher.image_ids),
        "logits": teacher.logits,
        "views_key": np.array(teacher.views_key),
        "codes": np.array(teacher.codes),
        "made_by": np.array(teacher.made_by),
        ENTRY: np.array(to_json(teacher.learned_from)),
    }
    with written_whole(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


def load_teacher_logits(path: Path) -> TeacherLogits:
    """Read cached logits.

    Raises:
        DataError: the file is none of ours, or does not hold one row an image.
    """
    try:
        with np.load(path) as stored:
            teacher = TeacherLogits(
                tuple(map(str, stored["image_ids"])),
                stored["logits"],
                str(stored["views_key"]),
                tuple(map(str, stored["codes"])),
                str(stored["made_by"]) if "made_by" in stored else "",
                from_json(str(stored[ENTRY])) if ENTRY in stored else UNTOLD,
            )
    except (OSError, KeyError, ValueError, TypeError, BadZipFile) as error:
        raise DataError(f"{path} holds no cached teacher logits; check the path.") from error
    if len(set(teacher.image_ids)) != len(teacher.image_ids) or len(teacher.logits) != len(teacher.image_ids):
        raise DataError(f"{path} does not hold one row of logits an image; cache them again.")
    return teacher
