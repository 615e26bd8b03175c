"""Dealing groups of images to splits or folds: each nears its share of every class, always in the same way.

The order of groups comes from a hash of seed and group id, never from a random generator or the order of
rows. So the same groups are dealt alike on every machine and with every library version.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

import pandas as pd

Part = TypeVar("Part", bound=Hashable)


def assign_groups(table: pd.DataFrame, shares: Mapping[Part, Fraction], salt: str) -> dict[str, Part]:
    """Give each group whole to one split or fold, class by class, so that each nears its share of the images.

    Args:
        table: group_id and diagnosis, one row per image, in any order. A group with several diagnoses counts
            as the rarest of them in the table, or as the first by name if two are equally rare. So patients
            who have a melanoma among many naevi are shared out evenly.
        shares: the share of each split or fold; they sum to 1.
        salt: another text gives another of the possible assignments.

    Returns:
        Group id to split or fold.
    """
    frequency = Counter(table["diagnosis"])
    diagnoses: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for group, diagnosis in zip(table["group_id"], table["diagnosis"], strict=True):
        diagnoses[group][diagnosis] += 1
    strata: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for group, counts in diagnoses.items():
        rarest = min(counts, key=lambda diagnosis: (frequency[diagnosis], diagnosis))
        strata[rarest][group] = counts.total()
    assigned: dict[str, Part] = {}
    for sizes in strata.values():
        order = sorted(sizes, key=lambda group: (-sizes[group], _hash(salt, group)))
        parts = _deal([sizes[group] for group in order], shares)
        assigned.update(zip(order, parts, strict=True))
    return assigned


def _hash(salt: str, group_id: str) -> str:
    return hashlib.sha256(f"{salt}:{group_id}".encode()).hexdigest()


def _deal(sizes: Sequence[int], shares: Mapping[Part, Fraction]) -> list[Part]:
    """Deal groups, in order, each to the one that lags furthest behind its share of the images so far.

    Exact fractions make ties the same everywhere. The last groups go to splits that have none yet. So every
    split sees every class that has at least as many groups as there are splits.
    """
    wanted = [part for part, share in shares.items() if share > 0]
    held = dict.fromkeys(wanted, 0)
    dealt: list[Part] = []
    so_far = 0
    for position, size in enumerate(sizes):
        so_far += size
        empty = [part for part in wanted if held[part] == 0]
        choice = empty if len(sizes) - position <= len(empty) else wanted
        part = max(choice, key=lambda part: shares[part] * so_far - held[part])
        held[part] += size
        dealt.append(part)
    return dealt
