"""What a model calls the kinds of another table."""

from dermdistill.classes import ClassEntry, ClassTable, load_classes
from dermdistill.evaluate.external.kinds import map_kinds, table_of
from dermdistill.inference import load_bundle


def test_the_same_code_is_the_same_class_and_names_are_looked_up():
    ours, theirs = load_classes("ham10000"), load_classes("pad_ufes")
    assert map_kinds(theirs, ours) == {
        "ack": "akiec",
        "bcc": "bcc",
        "mel": "mel",
        "nev": "nv",
        "scc": None,
        "sek": "bkl",
    }


def test_a_kind_that_a_model_does_not_know_is_none():
    isic, ham = load_classes("isic2019"), load_classes("ham10000")
    assert map_kinds(isic, ham) == {code: code for code in ham.codes} | {"scc": None}
    milk = map_kinds(load_classes("milk10k"), isic)
    assert milk["sccka"] == "scc"
    assert milk["inf"] is milk["ben_oth"] is milk["mal_oth"] is None


def test_all_aliases_must_be_words_of_one_class():
    mole, rest = (
        ClassEntry(code="mole", name="Mole", plain="A mole.", risk="benign", aliases=("nevus", "naevus")),
        ClassEntry(
            code="rest", name="Rest", plain="All else.", risk="benign", aliases=("melanoma", "nevus nos")
        ),
    )
    ham = load_classes("ham10000")
    assert map_kinds(ClassTable("own", (mole, rest)), ham) == {"mole": "nv", "rest": None}
    both = ClassEntry(code="x", name="X", plain="x.", risk="benign", aliases=("melanoma", "dermatofibroma"))
    assert map_kinds(ClassTable("own", (mole, both)), ham)["x"] is None


def test_everything_but_melanoma_is_not_melanoma():
    kinds = map_kinds(load_classes("milk10k"), load_classes("melanoma"))
    assert kinds.pop("mel") == "mel"
    assert set(kinds.values()) == {"not_mel"}


def test_a_bundle_has_the_words_of_its_preset():
    spec = load_bundle().spec
    assert spec.table.lookup("seborrheic keratosis") is None
    assert table_of(spec).lookup("seborrheic keratosis") == "bkl"
    own = spec.model_copy(update={"class_table": "my_clinic"})
    assert table_of(own).lookup("seborrheic keratosis") is None
