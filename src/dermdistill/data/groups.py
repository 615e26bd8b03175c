"""Groups that must stay whole: images joined by patient, lesion, image id, or a lesion known elsewhere."""

from collections.abc import Hashable, Iterable, Sequence

import pandas as pd

Node = Hashable


def join(sets: Iterable[Sequence[Node]]) -> dict[Node, int]:
    """Number the connected sets of nodes: the nodes of each given sequence belong together (union-find).

    Returns:
        Each node to the number of its set, from 0, in the order in which the sets first appear.
    """
    parent: dict[Node, Node] = {}

    def root(node: Node) -> Node:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for first, *others in sets:
        for other in (first, *others):
            parent[root(other)] = root(first)
    numbers: dict[Node, int] = {}
    return {node: numbers.setdefault(root(node), len(numbers)) for node in parent}


def group_ids(rows: pd.DataFrame) -> "pd.Series[str]":
    """The group of each image: its patient where one is known, else its lesion.

    Args:
        rows: lesion_id, and patient_id, empty where unknown.

    Returns:
        Group ids. A lesion lies in one group: where one of its images names a patient, all are that
        patient's. Several patients who share a lesion are one group, called by the first of their ids.
    """
    pairs = list(zip(rows["lesion_id"], rows["patient_id"], strict=True))
    joined = join(
        [("lesion", lesion), *([("patient", patient)] if patient else [])] for lesion, patient in pairs
    )
    numbers = [joined["lesion", lesion] for lesion, _ in pairs]
    patients = _first_of(zip(numbers, (patient for _, patient in pairs), strict=True))
    lesions = _first_of(zip(numbers, (lesion for lesion, _ in pairs), strict=True))
    return pd.Series([patients.get(number, lesions[number]) for number in numbers], rows.index, dtype=str)


def joined_groups(index: pd.DataFrame) -> "pd.Series[str]":
    """The groups of an index, joined where they share an image id, a lesion, or a lesion that one links to.

    Args:
        index: image_id, lesion_id, linked_lesion (empty where there is none), group_id and source, of one or
            more sources. An image id that begins with its source was told apart from another's; both may
            well be the same image, so they are joined.

    Returns:
        Group ids, one an image; joined groups are called by the first of their ids.
    """
    images = map(own_id, index["image_id"], index["source"])
    columns = ("lesion_id", "linked_lesion", "group_id")
    rows = list(zip(images, *(index[name] for name in columns), strict=True))
    joined = join(
        [
            ("group", group),
            ("image", image),
            ("lesion", lesion),
            *([("lesion", linked)] if linked else []),
        ]
        for image, lesion, linked, group in rows
    )
    numbers = [joined["group", group] for *_, group in rows]
    names = _first_of(zip(numbers, index["group_id"], strict=True))
    return pd.Series([names[number] for number in numbers], index.index, dtype=str)


def own_id(image_id: str, source: str) -> str:
    """An image's id within its source: without the source's name, unless that leaves a mere number."""
    own = image_id.removeprefix(f"{source}:")
    return image_id if own.isdecimal() else own


def _first_of(named: Iterable[tuple[int, str]]) -> dict[int, str]:
    """The first by the alphabet of each number's names that are not empty."""
    found: dict[int, str] = {}
    for number, name in named:
        if name and (number not in found or name < found[number]):
            found[number] = name
    return found
