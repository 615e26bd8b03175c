"""What the assessment is decided from."""

from dermdistill.bundle import default_bundle_path, load_bundle_spec
from dermdistill.inference.finding import finding_of

PROBS = {"akiec": 0.0, "bcc": 0.0, "bkl": 0.0, "df": 0.0, "mel": 0.2, "nv": 0.8, "scc": 0.0, "vasc": 0.0}


def test_danger_melanoma_and_the_set_of_90_percent_come_from_the_bundle():
    spec = load_bundle_spec(default_bundle_path())
    [level] = [level for level in spec.conformal.levels if level.coverage == 0.9]
    found = finding_of(spec, PROBS, "nv", unlike_known_lesions=True, quality=["hair"])
    assert found.dangerous == ["akiec", "bcc", "mel", "scc"]
    assert found.melanoma == "mel"
    assert set(found.conformal) == {code for code, p in PROBS.items() if 1 - p <= level.quantiles[code]}
    assert found.unlike_known_lesions is True
    assert found.quality == ["hair"]


def test_a_bundle_without_sets_has_none():
    spec = load_bundle_spec(default_bundle_path()).model_copy(update={"conformal": None})
    assert finding_of(spec, PROBS, "nv").conformal is None
