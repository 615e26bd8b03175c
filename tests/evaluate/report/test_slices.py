import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from dermdistill.errors import DataError
from dermdistill.evaluate.report.slices import read_metadata, slice_figures, slice_frame, slice_table
from dermdistill.metrics.decisions import priors_as_vector
from ham10000 import CLASSES

EVEN = priors_as_vector(dict.fromkeys(CLASSES, 1 / 7), CLASSES)


def _table(path, rows, columns="image_id,lesion_id,dx,dx_type,age,sex,localization"):
    path.write_text("\n".join([columns, *rows]) + "\n")
    return path


def test_ages_sexes_and_sites_fall_into_slices(tmp_path):
    rows = [
        "A,L1,nv,histo,39.0,male,back",
        "B,L2,mel,histo,40,female,face",
        "C,L3,nv,histo,60.0,unknown,acral",
        "D,L4,nv,histo,,female,unknown",
    ]
    slices = read_metadata(_table(tmp_path / "HAM10000_metadata.csv", rows))
    assert slices.loc["A"].tolist() == ["under 40", "male", "trunk"]
    assert slices.loc["B"].tolist() == ["40 to 59", "female", "head and neck"]
    assert slices.loc["C"].tolist() == ["60 and over", "unknown", "hand and foot"]
    assert slices.loc["D"].tolist() == ["unknown", "female", "unknown"]
    archive = ["A,41,Male,Anterior torso", "B,41,,head/neck", "C,41,FEMALE,palms/soles", "D,,,oral/genital"]
    slices = read_metadata(_table(tmp_path / "isic.csv", archive, "image_id,age,sex,localization"))
    assert slices["sex"].tolist() == ["male", "unknown", "female", "unknown"]
    assert slices["site"].tolist() == ["trunk", "head and neck", "hand and foot", "unknown"]
    ours = "image_id,lesion_id,diagnosis,age,sex,site,confirmed_by,width,height,source_path"
    index = _table(tmp_path / "index.csv", ["A,L1,nv,39.0,male,back,histo,224,224,x.jpg"], ours)
    assert read_metadata(index).loc["A"].tolist() == ["under 40", "male", "trunk"]


def test_age_sex_and_site_need_no_diagnosis(tmp_path):
    slices = read_metadata(_table(tmp_path / "a.csv", ["I1,30,male,back"], "image_id,age,sex,localization"))
    assert slices.loc["I1"].tolist() == ["under 40", "male", "trunk"]
    with pytest.raises(DataError, match="has no column image_id"):
        read_metadata(_table(tmp_path / "b.csv", ["I1,30,male,back"], "picture,age,sex,localization"))


def test_several_sources_are_slices_with_the_kind_of_picture_where_one_has_both(tmp_path):
    columns = "image_id,lesion_id,age,sex,site,source,picture"
    one = _table(tmp_path / "one.csv", ["A,L1,30,male,back,one,dermoscopic"], columns)
    rows = ["B,L2,30,male,back,two,dermoscopic", "C,L2,30,male,back,two,clinical"]
    both = read_metadata(one, _table(tmp_path / "two.csv", rows, columns))
    assert both["source"].to_dict() == {"A": "one", "B": "two, dermoscopic", "C": "two, clinical"}
    assert "source" not in read_metadata(one), "one source is no slice"


def test_an_image_named_twice_is_refused(tmp_path):
    with pytest.raises(DataError, match="names an image twice"):
        read_metadata(_table(tmp_path / "m.csv", ["A,L1,nv,histo,39.0,male,back"] * 2))


@pytest.fixture(scope="module")
def sliced(make_predictions):
    frame = make_predictions(600, seed=3, images_per_lesion=2)
    male = np.arange(600) < 580
    metadata = pd.DataFrame(
        {"age": "40 to 59", "sex": np.where(male, "male", "female"), "site": "trunk"},
        index=frame["image_id"],
    ).iloc[:590]
    return frame, slice_frame(frame, metadata, "mel", "argmax_p", EVEN, resamples=50, seed=0)


def test_a_slices_figures_are_those_of_its_images_alone(sliced):
    frame, slices = sliced
    men = slices[(slices["attribute"] == "sex") & (slices["slice"] == "male")].set_index("figure")
    part = frame.iloc[:580]
    mel = part["diagnosis"] == "mel"
    assert men.loc["melanoma_auc", "value"] == pytest.approx(roc_auc_score(mel, part["p_mel"]))
    decided = part[[f"p_{code}" for code in CLASSES]].to_numpy().argmax(axis=1)
    right = np.array(CLASSES)[decided] == part["diagnosis"]
    assert men.loc["accuracy", "value"] == pytest.approx(right.mean())
    assert (men["images"] == 580).all()
    assert (men["lesions"] == 290).all()
    assert (men["melanomas"] == part.loc[mel, "lesion_id"].nunique()).all()
    assert (men["low"] < men["value"]).all()
    assert (men["value"] < men["high"]).all()


def test_small_slices_are_counted_and_not_judged(sliced):
    _, slices = sliced
    women = slices[slices["slice"] == "female"]
    assert women["value"].isna().all()
    assert (women["images"] == 10).all()
    # Ten images have no metadata: a slice of their own in each of the three.
    assert slices.loc[slices["slice"] == "unknown", "attribute"].unique().tolist() == ["age", "sex", "site"]
    table = slice_table(slices)
    assert list(table.columns[5:]) == list(slice_figures("mel"))
    assert table.set_index("slice").loc["female", "accuracy"] == "not given"
    assert table["slice"].tolist() == ["40 to 59", "unknown", "female", "male", "unknown", "trunk", "unknown"]
