"""Each problem a data set can have, what is done about it, and what ends up in the cache."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from dermdistill.data.prepare.prepare import ProblemsError, prepare
from dermdistill.data.prepare.problems import KINDS
from dermdistill.data.prepared import load_prepared, read_index
from dermdistill.data.sources import read_source
from dermdistill.errors import DataError
from layouts import HAM, HAM_COLUMNS, encode, write_csv


def run(root: Path, out: Path, **settings):
    settings.setdefault("image_size", 16)
    return prepare(read_source(root, classes=HAM), out, classes=HAM, on_progress=lambda *_: None, **settings)


def add(root: Path, *rows: list[str]) -> None:
    with (root / "HAM10000_metadata.csv").open("a", newline="") as file:
        csv.writer(file).writerows(rows)


def row(image_id: str, lesion_id: str, dx: str, age: str = "45.0") -> list[str]:
    return [lesion_id, image_id, dx, "histo", age, "female", "back"]


def pixels(number: int) -> bytes:
    """A picture unlike any other."""
    return encode(np.random.default_rng(number).integers(0, 256, (20, 30, 3), np.uint8))


def break_everything(root: Path) -> dict[str, set[str]]:
    """Give a good data set a problem of every kind but `no_lesions`; return the image ids that each names."""
    images = root / "images"
    table = root / "HAM10000_metadata.csv"
    header, rest = table.read_text().split("\n", 1)
    table.write_text(f"{header},patient_id,image_type\n{rest}")
    for number, name in enumerate(
        ["age", "alone", "agree", "conflict", "extra", "odd", "two_a", "two_b", "sex", "rcm", "of_a", "of_b"]
    ):
        (images / f"{name}.jpg").write_bytes(pixels(number))
    for name in ("same_a", "same_b"):
        (images / f"{name}.jpg").write_bytes(pixels(100))
    for name in ("copy_a", "copy_b"):
        (images / f"{name}.jpg").write_bytes(pixels(101))
    for name in ("clash_a", "clash_b"):
        (images / f"{name}.jpg").write_bytes(pixels(102))
    (images / "copies.jpg").write_bytes(pixels(103))
    (images / "copies.png").write_bytes(pixels(104))
    (images / "cut.jpg").write_bytes(pixels(105)[:-20])
    (images / "empty.jpg").write_bytes(b"")
    (images / "text.jpg").write_bytes(b"no image at all")
    add(
        root,
        row("age", "P1", "nv", age="forty"),
        row("alone", "", "nv"),
        row("agree", "P2", "nv"),
        row("agree", "P2", "nv"),
        row("conflict", "P3", "nv"),
        row("conflict", "P4", "nv"),
        row("odd", "P5", "wart"),
        row("two_a", "P6", "nv"),
        row("two_b", "P6", "mel"),
        row("same_a", "P7", "bkl"),
        row("same_b", "P7", "bkl"),
        row("copy_b", "P8", "bkl"),
        row("copy_a", "P9", "bkl"),
        row("clash_a", "P10", "bkl"),
        row("clash_b", "P11", "mel"),
        row("copies", "P12", "df"),
        row("cut", "P13", "df"),
        row("empty", "P14", "df"),
        row("text", "P15", "df"),
        row("gone", "P16", "df"),
        row("", "P17", "df"),
        ["P18", "sex", "nv", "histo", "45", "yes", "back", "", "dermoscopic"],
        ["P19", "rcm", "nv", "histo", "45", "f", "back", "", "RCM: mosaic"],
        ["1", "of_a", "nv", "histo", "45", "f", "back", "ann", ""],
        ["1", "of_b", "mel", "histo", "45", "m", "back", "bob", ""],
    )
    return {
        "no_image_id": set(),
        "duplicate_row": {"agree"},
        "conflicting_rows": {"conflict"},
        "unknown_class": {"odd"},
        "no_lesion": {"alone"},
        "lesion_of_patients": {"of_a", "of_b"},
        "two_diagnoses": {"two_a", "two_b"},
        "bad_age": {"age"},
        "bad_sex": {"sex"},
        "other_picture": {"rcm"},
        "no_picture_kind": set(),
        "missing_image": {"gone"},
        "image_without_row": {"extra"},
        "duplicate_file": {"copies"},
        "unreadable": {"cut", "empty", "text"},
        "same_pixels_one_lesion": {"same_a", "same_b"},
        "same_pixels_two_lesions": {"copy_a", "copy_b"},
        "same_pixels_two_diagnoses": {"clash_a", "clash_b"},
    }


def test_every_kind_of_problem_is_reported_at_once_and_dealt_with(flat_dir, tmp_path, pictures):
    expected = break_everything(flat_dir)
    assert expected.keys() == KINDS.keys() - {"no_lesions", "only_contradicted"}
    report = run(flat_dir, tmp_path / "out").report

    found: dict[str, set[str]] = {}
    for problem in report["problems"]:
        found.setdefault(problem["kind"], set()).update(problem["images"])
        assert problem["action"] == KINDS[problem["kind"]].action
    assert found == expected

    prepared = load_prepared(tmp_path / "out")
    good = {picture.image_id for picture in pictures}
    kept = {"age", "alone", "agree", "copies", "same_a", "same_b", "copy_a", "sex", "of_a", "of_b"}
    assert set(prepared.index["image_id"]) == good | kept
    assert prepared.index["image_id"].is_monotonic_increasing
    by_id = prepared.index.set_index("image_id")
    assert by_id.loc["alone", "lesion_id"] == "alone"
    assert np.isnan(by_id.loc["age", "age"])
    assert by_id.loc["sex", "sex"] == ""
    assert by_id.loc["of_b", ["lesion_id", "group_id", "sex"]].tolist() == ["bob:1", "bob", "male"]
    assert by_id.loc["copies", "source_path"] == "images/copies.jpg"
    assert json.loads((tmp_path / "out" / "prepare.json").read_text()) == report
    assert (report["images"], report["rows_found"]) == (len(good | kept), len(pictures) + 25)


def test_rows_of_the_index_and_pixels_of_the_cache_belong_together(flat_dir, tmp_path, pictures):
    """Dropped images in between must not shift the rows."""
    break_everything(flat_dir)
    run(flat_dir, tmp_path / "out", image_size=224)
    prepared = load_prepared(tmp_path / "out")
    for position, path in enumerate(prepared.index["source_path"]):
        bgr = cv2.imread(str(flat_dir / path))
        expected = cv2.resize(bgr, (224, 224), interpolation=cv2.INTER_AREA)[:, :, ::-1]
        np.testing.assert_array_equal(prepared.images[position], expected)


def test_the_cache_holds_rgb_area_means(tmp_path):
    """A lossless picture of twice the size: each cached pixel is the mean of four."""
    (tmp_path / "in").mkdir()
    image = np.random.default_rng(0).integers(0, 64, (32, 32, 3)).astype(np.uint8) * 4
    (tmp_path / "in" / "a.png").write_bytes(encode(image, ".png"))
    write_csv(tmp_path / "in" / "HAM10000_metadata.csv", HAM_COLUMNS, [row("a", "L", "nv")])
    run(tmp_path / "in", tmp_path / "out")
    means = image.reshape(16, 2, 16, 2, 3).astype(float).mean((1, 3))
    cached = load_prepared(tmp_path / "out").images
    assert cached.dtype == np.uint8
    assert cached.shape == (1, 16, 16, 3)
    assert np.abs(cached[0] - means).max() <= 0.5


def test_a_table_without_lesions_and_patients_is_told_once(tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(3):
        (tmp_path / "in" / f"{number}.jpg").write_bytes(pixels(number))
    write_csv(tmp_path / "in" / "table.csv", ["image_id", "diagnosis"], [[str(n), "nv"] for n in range(3)])
    problems = run(tmp_path / "in", tmp_path / "out").report["problems"]
    told = {problem["kind"]: problem["policy"] for problem in problems}
    assert "a split by image leaks" in told["no_lesions"]
    assert "no_lesion" not in told
    assert load_prepared(tmp_path / "out").index["group_id"].tolist() == ["0", "1", "2"]


def test_strict_names_all_problems_and_writes_nothing(flat_dir, tmp_path):
    expected = break_everything(flat_dir)
    with pytest.raises(ProblemsError, match=r"20 problem\(s\)") as refused:
        run(flat_dir, tmp_path / "out", strict=True)
    assert {problem["kind"] for problem in refused.value.problems} == expected.keys()
    assert not (tmp_path / "out").exists()


def test_strict_accepts_a_clean_data_set_and_refuses_an_earlier_unclean_one(flat_dir, tmp_path):
    assert run(flat_dir, tmp_path / "clean", strict=True).report["problems"] == []
    add(flat_dir, row("gone", "HAM_16", "df"))
    run(flat_dir, tmp_path / "out")
    with pytest.raises(ProblemsError, match="1 problem"):
        run(flat_dir, tmp_path / "out", strict=True)


def test_a_source_without_a_usable_image_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(b"no image")
    write_csv(tmp_path / "in" / "HAM10000_metadata.csv", HAM_COLUMNS, [row("a", "L", "nv")])
    with pytest.raises(ProblemsError, match=r"none that can be used: image corrupt or truncated \(1\)\."):
        run(tmp_path / "in", tmp_path / "out")


@pytest.mark.parametrize("others", [0, 1])
def test_one_picture_under_two_diagnoses_is_prepared_only_to_be_looked_at(others, tmp_path):
    """Copies of one picture in two folders: dropped where others are left, else kept as one lesion."""
    for number in range(6):
        folder = tmp_path / "in" / ("nv", "mel")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.jpg").write_bytes(pixels(0))
    for number in range(others):
        (tmp_path / "in" / "nv" / f"other_{number}.jpg").write_bytes(pixels(7 + number))
    report = run(tmp_path / "in", tmp_path / "out").report
    kind = "same_pixels_two_diagnoses" if others else "only_contradicted"
    [problem] = [problem for problem in report["problems"] if problem["kind"] == kind]
    assert problem["images"] == [str(number) for number in range(6)]
    if others:
        assert load_prepared(tmp_path / "out").index["image_id"].tolist() == ["other_0"]
        return
    assert (report["images_per_class"], report["lesions"], report["groups"]) == ({"mel": 3, "nv": 3}, 1, 1)
    with pytest.raises(DataError, match="nothing can be learned from them or measured on them"):
        load_prepared(tmp_path / "out")


def test_two_pictures_under_two_diagnoses_are_two_lesions(tmp_path):
    rows = [["a", "P1", "nv"], ["b", "P2", "mel"], ["c", "P3", "nv"], ["d", "P4", "mel"], ["e", "P5", "df"]]
    (tmp_path / "in").mkdir()
    for (name, *_), number in zip(rows, (0, 0, 1, 1, 2), strict=True):
        (tmp_path / "in" / f"{name}.jpg").write_bytes(b"no image" if name == "e" else pixels(number))
    write_csv(tmp_path / "in" / "table.csv", ["image_id", "lesion_id", "diagnosis"], rows)
    report = run(tmp_path / "in", tmp_path / "out").report
    assert [
        problem["images"] for problem in report["problems"] if problem["kind"] == "only_contradicted"
    ] == [
        ["a", "b"],
        ["c", "d"],
    ]
    index = read_index(tmp_path / "out" / "index.csv")
    assert index["lesion_id"].tolist() == ["P1", "P1", "P3", "P3"]
    assert index["diagnosis"].tolist() == ["nv", "mel", "nv", "mel"]


def test_prepared_from_the_same_files_is_left_alone(flat_dir, tmp_path):
    first = run(flat_dir, tmp_path / "out")
    stamp = (tmp_path / "out" / "images.npy").stat().st_mtime_ns
    again = run(flat_dir, tmp_path / "out")
    assert (first.already, again.already) == (False, True)
    assert again.report == first.report
    assert (tmp_path / "out" / "images.npy").stat().st_mtime_ns == stamp


def test_other_files_or_settings_replace_the_earlier_data_set_only_when_asked(flat_dir, tmp_path):
    first = run(flat_dir, tmp_path / "out").report
    (flat_dir / "images" / "new.jpg").write_bytes(pixels(1))
    add(flat_dir, row("new", "P1", "df"))
    with pytest.raises(
        DataError, match="was prepared from other files or settings; give another folder, or --ov"
    ):
        run(flat_dir, tmp_path / "out")
    second = run(flat_dir, tmp_path / "out", overwrite=True).report
    assert second["images"] == first["images"] + 1
    assert second["fingerprint"] != first["fingerprint"]
    with pytest.raises(DataError, match="at 16 pixels, not 8"):
        run(flat_dir, tmp_path / "out", image_size=8)
    assert load_prepared(tmp_path / "out").images.shape[1:] == (16, 16, 3)
    run(flat_dir, tmp_path / "out", image_size=8, overwrite=True)
    assert load_prepared(tmp_path / "out").images.shape[1:] == (8, 8, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "source"]


def test_the_fingerprint_follows_pixels_and_labels_but_not_the_place(flat_dir, tmp_path):
    first = run(flat_dir, tmp_path / "out").report["fingerprint"]
    moved = flat_dir.rename(tmp_path / "moved")
    assert run(moved, tmp_path / "again").report["fingerprint"] == first
    table = moved / "HAM10000_metadata.csv"
    table.write_text(table.read_text().replace("akiec", "bcc"))
    assert run(moved, tmp_path / "relabelled").report["fingerprint"] != first


def test_the_work_of_a_data_set_with_a_longer_name_is_left_alone(flat_dir, tmp_path):
    other = tmp_path / ".out.big.0123456789abcdef.partial"
    other.mkdir()
    run(flat_dir, tmp_path / "out")
    assert other.exists()


def test_a_folder_with_other_things_is_not_overwritten(flat_dir, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match="give a new folder"):
        run(flat_dir, tmp_path / "out")
    assert (tmp_path / "out" / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("out", [".", "..", "inner/.."])
def test_the_current_folder_is_refused_before_work_starts(out, flat_dir, tmp_path, monkeypatch):
    here = tmp_path / "here"
    (here / "inner").mkdir(parents=True)
    monkeypatch.chdir(here)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError, match="the current folder"):
        run(flat_dir, Path(out))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_to_a_folder_stays_one(flat_dir, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to("out")
    run(flat_dir, tmp_path / "link")
    assert len(load_prepared(tmp_path / "out")) == 9
    assert (tmp_path / "link").is_symlink()


def test_a_full_disk_is_refused_before_work_starts(flat_dir, tmp_path, monkeypatch):
    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(DataError, match="make room"):
        run(flat_dir, tmp_path / "out")


def test_a_disk_too_full_for_a_second_copy_is_refused_and_work_goes_on(flat_dir, tmp_path, monkeypatch):
    """One picture is left out, so those that are kept are copied."""
    picture = sorted(flat_dir.rglob("*.jpg"))[0]
    picture.write_bytes(picture.read_bytes()[:300])
    free = iter([10**9, 1000])
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("usage", (), {"free": next(free)}))
    with pytest.raises(DataError, match="make room"):
        run(flat_dir, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    monkeypatch.undo()
    run(flat_dir, tmp_path / "out")
    assert len(load_prepared(tmp_path / "out")) == 8


def test_what_is_no_prepared_data_set_is_not_loaded(flat_dir, tmp_path):
    with pytest.raises(DataError, match="data prepare"):
        load_prepared(tmp_path)
    run(flat_dir, tmp_path / "out")
    index = tmp_path / "out" / "index.csv"
    index.write_text("\n".join(index.read_text().splitlines()[:-1]))
    with pytest.raises(DataError, match="does not fit"):
        load_prepared(tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("images.npy", lambda data: data[:-1], r"images\.npy is damaged"),
        ("images.npy", lambda data: b"", r"images\.npy is damaged"),
        ("images.npy", lambda data: b"no picture", r"images\.npy is damaged"),
        ("prepare.json", lambda data: b'{"version": 2}', r"prepare\.json has no fingerprint"),
        ("index.csv", lambda data: data.replace(b",60,45,", b",x,45,", 1), "not a whole number"),
    ],
)
def test_a_damaged_data_set_is_not_loaded(name, damage, said, flat_dir, tmp_path):
    run(flat_dir, tmp_path / "out")
    path = tmp_path / "out" / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=said):
        load_prepared(tmp_path / "out")


def test_real_originals_give_the_real_small_images(ham10000_dir, tmp_path):
    """The 600x450 originals, prepared, are the 224x224 images that were made elsewhere, up to JPEG loss."""
    wanted = {path.stem for path in (ham10000_dir / "originals").glob("*.jpg")}
    with (ham10000_dir / "HAM10000_metadata.csv").open() as file:
        header, *rows = csv.reader(file)
    write_csv(tmp_path / "in" / "HAM10000_metadata.csv", header, [line for line in rows if line[1] in wanted])
    (tmp_path / "in" / "images").symlink_to((ham10000_dir / "originals").resolve())
    report = run(tmp_path / "in", tmp_path / "out", image_size=224).report
    assert report["images"] == len(wanted) == 12
    prepared = load_prepared(tmp_path / "out")
    for image_id, image in zip(prepared.index["image_id"], prepared.images, strict=True):
        small = cv2.imread(str(ham10000_dir / "images" / f"{image_id}.jpg"))[:, :, ::-1]
        loss = np.abs(image.astype(float) - small).mean()
        moved = [
            np.abs(np.roll(image, by, axis).astype(float) - small).mean() for by in (1, -1) for axis in (0, 1)
        ]
        assert loss < 4
        assert loss < 0.8 * min(moved), "one pixel off"
    assert set(prepared.index["width"]) == {600}


def test_a_folder_whose_name_is_no_unicode_is_escaped_in_the_index(flat_dir, tmp_path):
    picture = sorted(flat_dir.rglob("*.jpg"))[0]
    odd = picture.parent / "L\udce9on"
    odd.mkdir()
    picture.rename(odd / picture.name)
    run(flat_dir, tmp_path / "out")
    index = load_prepared(tmp_path / "out").index.set_index("image_id")
    assert len(index) == 9
    assert index.loc[picture.stem, "source_path"].endswith(f"L\\udce9on/{picture.name}")
