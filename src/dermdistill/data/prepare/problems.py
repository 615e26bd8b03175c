"""What can be wrong with a data set, and what is done about each: the whole policy in one table."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Action = Literal["dropped", "kept"]


@dataclass(frozen=True)
class Kind:
    """One kind of problem: what is seen and what is done with the images it names."""

    title: str
    action: Action
    policy: str


KINDS = {
    "no_image_id": Kind("row without an image id", "dropped", "the row is dropped"),
    "duplicate_row": Kind("image id in several equal rows", "kept", "the first row is kept"),
    "conflicting_rows": Kind("image id in rows that differ", "dropped", "all its rows are dropped"),
    "unknown_class": Kind("unknown diagnosis", "dropped", "the row is dropped; map it with --label"),
    "no_lesion": Kind("image without a lesion id", "kept", "counted as a lesion of its own"),
    "no_lesions": Kind(
        "table without lesions and patients",
        "kept",
        "each image counts as a lesion: a split by image leaks where a lesion has several",
    ),
    "lesion_of_patients": Kind("lesion of several patients", "kept", "counted as a lesion of each patient"),
    "two_diagnoses": Kind("lesion with two diagnoses", "dropped", "all its images are dropped"),
    "bad_age": Kind("age that is not a number", "kept", "the age is left empty"),
    "bad_sex": Kind("sex that is not a known word", "kept", "the sex is left empty"),
    "other_picture": Kind("neither dermoscopic nor clinical", "dropped", "the row is dropped"),
    "no_picture_kind": Kind(
        "pictures of no known kind", "kept", "counted as dermoscopic; --picture clinical says otherwise"
    ),
    "missing_image": Kind("row whose image is missing", "dropped", "the row is dropped"),
    "image_without_row": Kind("image without a row", "dropped", "the image is not used"),
    "duplicate_file": Kind("several files for one image id", "kept", "the first by path is used"),
    "unreadable": Kind("image corrupt or truncated", "dropped", "the image is dropped"),
    "same_pixels_one_lesion": Kind("equal pixels within a lesion", "kept", "they stay in one split"),
    "same_pixels_two_lesions": Kind("equal pixels in two lesions", "dropped", "the first image is kept"),
    "same_pixels_two_diagnoses": Kind(
        "equal pixels, two diagnoses", "dropped", "all are dropped: the label is unknown"
    ),
    "only_contradicted": Kind(
        "equal pixels, two diagnoses, and no other image",
        "kept",
        "kept to look at, each picture as one lesion; nothing learns from them or is measured on them",
    ),
}


@dataclass(frozen=True)
class Problem:
    """One problem: its kind, the images (or files, or row numbers) it concerns, and what exactly was seen."""

    kind: str
    images: tuple[str, ...]
    detail: str

    def as_json(self) -> dict[str, Any]:
        """Return the problem with what was done about it."""
        kind = KINDS[self.kind]
        return {**asdict(self), "images": list(self.images), "action": kind.action, "policy": kind.policy}
