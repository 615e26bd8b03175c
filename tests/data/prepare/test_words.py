"""What tables say of a patient and a picture."""

import pytest

from dermdistill.data.prepare.words import read_age, read_licence, read_picture, read_sex, read_skin_tone


@pytest.mark.parametrize(
    ("words", "sex"),
    [
        (["f", "F", "female", "w", "weiblich", "Frau", "femme", "mujer", "F.", "girl", "♀"], "female"),
        (["m", "M", "male", "männlich", "Mann", "homme", "masculino", "masc.", "boy", "♂"], "male"),
        (["divers", "other"], "other"),
        ([""], ""),
        (["yes", "2", "woman?"], None),
    ],
)
def test_sexes(words, sex):
    assert [read_sex(word) for word in words] == [sex] * len(words)


@pytest.mark.parametrize(
    ("word", "age"),
    [
        ("45", 45),
        ("45.0", 45),
        ("45,5", 45.5),
        ("45 years", 45),
        ("045Y", 45),
        ("45 Jahre", 45),
        ("45 Jahre alt", 45),
        ("~45", 45),
        ("45 years old", 45),
        ("40-49", 44.5),
        ("85+", 85),
        ("6 months", 0.5),
        ("018M", 1.5),
        ("forty", None),
        ("450", None),
        ("-5", None),
        ("1987-04-12", None),
    ],
)
def test_ages(word, age):
    assert read_age(word) == age


@pytest.mark.parametrize(
    ("words", "picture"),
    [
        (
            ["dermoscopic", "Dermoscopy", "dermatoscopic", "contact polarized", "contact non-polarized"],
            "dermoscopic",
        ),
        (
            [
                "clinical",
                "clinical: close-up",
                "clinical: overview",
                "TBP tile: close-up",
                "smartphone",
                "klinisch",
            ],
            "clinical",
        ),
        (["RCM: mosaic", "histopathology"], None),
        ([""], ""),
    ],
)
def test_pictures(words, picture):
    assert [read_picture(word) for word in words] == [picture] * len(words)


def test_skin_tones_and_licences():
    tones = [
        "fitzpatrick III",
        "fitzpatrick 3",
        "fitzpatrick 3.0",
        "fitzpatrick type III",
        "fitzpatrick Type 3",
    ]
    assert {read_skin_tone(tone) for tone in tones} == {"fitzpatrick 3"}
    assert [read_skin_tone(tone) for tone in ("milk10k 0", "")] == ["milk10k 0", ""]
    assert [read_licence(word) for word in ("CC-0", "CC-BY", "CC-BY-NC", "mine")] == [
        *("CC0 1.0", "CC BY 4.0", "CC BY-NC 4.0", "mine")
    ]
