"""Class tables: every preset is sound, known words find their class, a file of one's own is checked."""

import json

import pytest

from dermdistill.classes import DEFAULT, PRESETS, ClassEntry, ClassTable, load_classes, preset_with
from dermdistill.errors import DataError

TWO = """
melanoma = "mel"
[[classes]]
code = "mel"
name = "Melanoma"
plain = "A dangerous skin cancer."
risk = "malignant"
words = ["melanoma"]
[[classes]]
code = "wart"
name = "Wart"
plain = "A growth that a virus makes."
risk = "benign"
aliases = ["Verruca vulgaris"]
"""


def made(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    return load_classes(path)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_loads_and_travels_as_json(name):
    table = load_classes(name)
    assert table.name == name
    assert table.melanoma == "mel"
    assert {"malignant", "benign"} <= {entry.risk for entry in table.classes}
    assert ClassTable.from_dict(json.loads(json.dumps(table.to_dict()))) == table
    assert preset_with(reversed(table.codes)) is table


@pytest.mark.parametrize("name", PRESETS)
def test_plain_words_never_call_a_class_harmless(name):
    for entry in load_classes(name).classes:
        assert "harmless" not in f"{entry.name} {entry.plain}".lower()


def test_the_presets_have_the_classes_of_their_data_sets():
    codes = {name: " ".join(load_classes(name).codes) for name in PRESETS}
    assert codes == {
        "ham10000": "akiec bcc bkl df mel nv vasc",
        "isic2019": "akiec bcc bkl df mel nv scc vasc",
        "milk10k": "akiec bcc ben_oth bkl df inf mal_oth mel nv sccka vasc",
        "pad_ufes": "ack bcc mel nev scc sek",
        "melanoma": "mel not_mel",
    }
    assert load_classes("isic2019").malignant == ("akiec", "bcc", "mel", "scc")
    assert load_classes(DEFAULT).name == "ham10000"


# One word a line: what the tables in their order make of it. "-" is not a class.
KNOWN = """
mel                                        mel mel mel mel mel
Melanoma, NOS                              mel mel mel mel mel
Melanoma in situ                           mel mel mel mel mel
melanoma (less than 0.76 mm)               mel mel mel mel mel
Malignant melanocytic proliferations (Melanoma)   mel mel mel mel mel
NV                                         nv nv nv nev not_mel
Nevus                                      nv nv nv nev not_mel
clark nevus                                nv nv nv nev not_mel
Atypical Nevus                             nv nv nv nev not_mel
melanocytic naevus                         nv nv nv nev not_mel
NEV                                        nv nv nv nev not_mel
basal cell carcinoma                       bcc bcc bcc bcc not_mel
AK                                         akiec akiec akiec ack not_mel
ACK                                        akiec akiec akiec ack not_mel
AKIEC                                      akiec akiec akiec ack not_mel
Solar or actinic keratosis                 akiec akiec akiec ack not_mel
Squamous cell carcinoma in situ            akiec akiec akiec scc not_mel
Squamous cell carcinoma, NOS               - scc sccka scc not_mel
Keratoacanthoma                            - scc sccka scc not_mel
SCCKA                                      - scc sccka scc not_mel
SCC                                        - scc sccka scc not_mel
Pigmented benign keratosis                 bkl bkl bkl sek not_mel
Seborrheic_keratosis                       bkl bkl bkl sek not_mel
SEK                                        bkl bkl bkl sek not_mel
Solar lentigo                              bkl bkl bkl - not_mel
Lichen planus like keratosis               bkl bkl bkl - not_mel
Clear cell acanthoma                       - - bkl - not_mel
lentigo NOS                                - - bkl - not_mel
Dermatofibroma                             df df df - not_mel
haemangioma                                vasc vasc vasc - not_mel
vascular lesion                            vasc vasc vasc - not_mel
INF                                        - - inf - not_mel
BEN_OTH                                    - - ben_oth - not_mel
MAL_OTH                                    - - mal_oth - not_mel
Epidermal nevus                            - - ben_oth - not_mel
Benign soft tissue proliferations - Myoepithelial   - - ben_oth - not_mel
Malignant soft tissue proliferations - Neural   - - mal_oth - not_mel
Malignant adnexal epithelial proliferations - Follicular   - - - - -
Atypical Spitz tumor                       - - - - -
Bowenoid papulosis                         - - - - -
miscellaneous                              - - - - -
Benign                                     - - - - not_mel
Malignant                                  - - - - -
Indeterminate                              - - - - -
unk                                        - - - - -
mel+nv                                     - - - - -
"""


@pytest.mark.parametrize("line", KNOWN.strip().splitlines())
def test_the_words_of_every_known_table_find_their_class(line):
    word, *codes = line.rsplit(maxsplit=len(PRESETS))
    found = [load_classes(name).lookup(word.strip()) or "-" for name in PRESETS]
    assert found == codes


def test_case_spacing_and_punctuation_of_a_word_do_not_matter():
    table = load_classes("milk10k")
    assert {table.lookup(word) for word in ("ben_oth", "BEN OTH", " Ben-Oth ", "ben  oth")} == {"ben_oth"}
    assert table.lookup("") is None


def test_a_table_of_ones_own(tmp_path):
    table = made(tmp_path, TWO)
    assert (table.name, table.codes, table.melanoma, table.malignant) == (
        "own",
        ("mel", "wart"),
        "mel",
        ("mel",),
    )
    assert table.lookup("verruca  VULGARIS") == "wart"
    assert table.lookup("Melanoma Invasive") == "mel"
    assert (table["wart"].key, table.positions(["wart", "mel"])) == ("", [1, 0])
    with pytest.raises(KeyError):
        table.position("nv")


def test_a_key_shares_translations_between_codes():
    assert load_classes("pad_ufes")["nev"].key == load_classes("ham10000")["nv"].key == "nv"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('risk = "benign"', 'risk = "harmless"', "risk 'harmless'"),
        ('code = "wart"', 'code = "Wart"', "'Wart' is not allowed"),
        ('code = "wart"', 'code = "mel"', "code mel twice"),
        ('melanoma = "mel"', 'melanoma = "nv"', "calls nv melanoma"),
        ('melanoma = "mel"', 'melanom = "mel"', "no setting 'melanom'"),
        ('["Verruca vulgaris"]', '["melanoma in situ"]', "'melanoma in situ' to mel and wart"),
        ('["Verruca vulgaris"]', '"wart"', "lists of texts"),
        ('["melanoma"]', '["melanomas"]', "no kind of lesion 'melanomas'"),
        ('name = "Wart"', "name = 7", "not a class table"),
        ('name = "Wart"', 'nam = "Wart"', "not a class table"),
        ('plain = "A growth that a virus makes."', 'plain = " "', "plain words"),
        ("[[classes]]", "[classes", "no TOML"),
    ],
)
def test_a_fault_in_a_table_is_named_with_its_file(tmp_path, old, new, said):
    with pytest.raises(DataError) as error:
        made(tmp_path, TWO.replace(old, new))
    assert said in str(error.value)
    assert "own.toml" in str(error.value)


def test_an_unknown_name_is_told_with_the_presets(tmp_path):
    with pytest.raises(DataError, match="ham10000, isic2019"):
        load_classes("ham1000")
    with pytest.raises(DataError, match="cannot be read"):
        load_classes(tmp_path / "none.toml")


def test_classes_can_be_left_out():
    kept = load_classes("ham10000").keep(["nv", "bcc"])
    assert (kept.name, kept.codes, kept.melanoma) == ("ham10000", ("bcc", "nv"), None)
    assert kept.lookup("melanoma") is None
    with pytest.raises(DataError, match="fewer than two"):
        kept.keep(["nv"])


def test_malignant_and_precursor_classes_are_the_positive_side_of_a_referral():
    def risky(risk):
        return ClassEntry(code="a", name="A", plain="An a.", risk=risk).malignant

    assert (risky("malignant"), risky("precursor"), risky("benign")) == (True, True, False)
