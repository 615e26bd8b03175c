"""Groups that stay whole: patients, lesions, and lesions that link to one another."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from dermdistill.data.groups import group_ids, join, joined_groups


def rows(*lines, columns=("lesion_id", "patient_id")):
    return pd.DataFrame(lines, columns=list(columns), dtype=str)


def test_the_patient_is_the_group_where_known_else_the_lesion():
    table = rows(("L1", "P1"), ("L2", "P1"), ("L3", ""), ("L4", "P2"))
    assert group_ids(table).tolist() == ["P1", "P1", "L3", "P2"]


def test_a_lesion_lies_in_one_group():
    """Its patient is known of one image and not of the other; or two patients share it."""
    assert group_ids(rows(("L1", "P1"), ("L1", ""))).tolist() == ["P1", "P1"]
    assert group_ids(rows(("L1", "P2"), ("L1", "P1"), ("L2", "P2"))).tolist() == ["P1"] * 3


COLUMNS = ("image_id", "lesion_id", "linked_lesion", "group_id", "source")


def test_links_join_groups_across_sources():
    table = rows(
        ("I1", "HAM_1", "", "HAM_1", "ham"),
        ("I2", "IL_1", "HAM_1", "IL_1", "milk"),
        ("I3", "IL_2", "HAM_1", "IL_2", "milk"),
        ("I4", "IL_3", "", "IL_3", "milk"),
        ("ham:I5", "HAM_5", "", "HAM_5", "ham"),
        ("isic:I5", "I5", "", "I5", "isic"),
        ("ham:7", "HAM_7", "", "HAM_7", "ham"),
        ("isic:7", "isic:7", "", "isic:7", "isic"),
        columns=COLUMNS,
    )
    assert joined_groups(table).tolist() == [
        *("HAM_1", "HAM_1", "HAM_1", "IL_3"),
        *("HAM_5", "HAM_5"),  # one image in two sources
        *("HAM_7", "isic:7"),  # mere numbers say nothing across sources
    ]


@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=4), max_size=30))
def test_joined_sets_are_those_that_a_search_reaches(sets):
    found = join(sets)
    neighbours = {node: {node} for nodes in sets for node in nodes}
    for nodes in sets:
        for node in nodes:
            neighbours[node] |= set(nodes)
    for start in neighbours:
        reached, todo = {start}, [start]
        while todo:
            new = neighbours[todo.pop()] - reached
            reached |= new
            todo += new
        assert {node for node in found if found[node] == found[start]} == reached
