"""A batch may be killed at any moment; started again it goes on, and ends with the same bytes."""

import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tracemalloc
from importlib.metadata import PackageNotFoundError
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from dermdistill.errors import DataError
from dermdistill.inference.batch import made_with, resumable
from dermdistill.inference.batch.files import Row, find_images
from dermdistill.inference.batch.journal import Journal
from dermdistill.inference.batch.resumable import partial_path, predict_to_table
from dermdistill.inference.batch.tables import write_table
from ham10000 import CLASSES

COUNT = 60
SUFFIXES = (".csv", ".jsonl", ".parquet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """60 different pictures in two folders, one of them broken."""
    root = tmp_path_factory.mktemp("many")
    noise = np.random.default_rng(3).integers(0, 256, (9, 12, 3), np.uint8)
    base = cv2.resize(noise, (120, 90), interpolation=cv2.INTER_CUBIC)
    for number in range(COUNT):
        file = root / f"visit {number % 2}" / f"{number:02d}.jpg"
        file.parent.mkdir(exist_ok=True)
        jpeg = cv2.imencode(".jpg", np.roll(base, number, axis=1))[1].tobytes()
        file.write_bytes(jpeg[:-9] if number == 7 else jpeg)
    return root


def unwatched(rows, _total):
    return rows


@pytest.fixture(scope="module")
def uninterrupted(engine, folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("whole")
    for suffix in SUFFIXES:
        outcome = predict_to_table(engine, [folder], root / f"out{suffix}", watch=unwatched)
        assert (outcome.images, outcome.failed, outcome.before) == (COUNT, 1, 0)
    assert sorted(path.name for path in root.iterdir()) == sorted(f"out{suffix}" for suffix in SUFFIXES)
    return {suffix: (root / f"out{suffix}").read_bytes() for suffix in SUFFIXES}


class Stop(KeyboardInterrupt):
    pass


def killed(*_, **__):
    raise Stop


def stop_after(rows_seen):
    def watch(rows, _total):
        for number, row in enumerate(rows, start=1):
            yield row
            if number == rows_seen:
                raise Stop

    return watch


def counted(seen):
    def watch(rows, total):
        seen.append(total)
        return rows

    return watch


@pytest.fixture
def few_at_risk(monkeypatch):
    monkeypatch.setattr(resumable, "_ROWS_AT_RISK", 4)


# `dermdistill predict` in a process of its own, a little slower, which says when answers are safe.
SLOWLY = """
import sys, time
from dermdistill.inference.batch import made_with, resumable
from dermdistill.inference.engine import Engine
from dermdistill.inference.batch.journal import Journal

answer, record = Engine.predict_one, Journal.record
Engine.predict_one = lambda *words, **named: (time.sleep(0.01), answer(*words, **named))[1]
Journal.record = lambda journal, rows: (record(journal, rows), print("safe", flush=True))[0]
resumable._ROWS_AT_RISK = 4

from dermdistill.cli import main
sys.argv = ["dermdistill", "predict", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_after_kill_9_the_same_command_goes_on_and_gives_the_same_bytes(
    suffix, folder, tiny_dir, uninterrupted, tmp_path
):
    out = tmp_path / f"answers{suffix}"
    words = [sys.executable, "-c", SLOWLY, str(folder), "--out", str(out), "--bundle", str(tiny_dir)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    for _ in range(3):
        assert process.stdout.readline() == "safe\n"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    assert not out.exists()
    with sqlite3.connect(partial_path(out)) as partial:
        [safe] = partial.execute("SELECT count(*) FROM images WHERE answered").fetchone()
    assert 12 <= safe < COUNT
    partial.close()

    again = subprocess.run(words, capture_output=True, text=True, check=False)
    assert again.returncode == 1, "one picture is broken"
    assert f"{COUNT} images answered in {out}, 1 of them with an error. {safe} were" in again.stderr
    assert again.stdout.count("safe") == -(-(COUNT - safe) // 4)
    assert out.read_bytes() == uninterrupted[suffix]
    assert list(tmp_path.iterdir()) == [out]


def test_no_finished_image_is_answered_twice(engine, folder, uninterrupted, few_at_risk, tmp_path):
    out = tmp_path / "out.csv"
    for stop in (9, 21):  # 8 and 20 of which are safe
        with pytest.raises(Stop):
            predict_to_table(engine, [folder], out, watch=stop_after(stop))
    left = []
    outcome = predict_to_table(engine, [folder], out, watch=counted(left))
    assert left == [COUNT - 28]
    assert outcome.before == 28
    assert out.read_bytes() == uninterrupted[".csv"]


@pytest.mark.parametrize(
    ("where", "killed_in"), [(resumable, "write_table"), (Path, "replace"), (Journal, "remove")]
)
def test_a_kill_at_the_very_end_loses_nothing(request, where, killed_in, tmp_path, monkeypatch):
    """While the table is written, just before it is moved, and just after."""
    engine, folder, uninterrupted = map(request.getfixturevalue, ("engine", "folder", "uninterrupted"))
    out = tmp_path / "out.parquet"
    with monkeypatch.context() as patch:
        patch.setattr(where, killed_in, killed)
        with pytest.raises(Stop):
            predict_to_table(engine, [folder], out, watch=unwatched)
    assert out.exists() is (killed_in == "remove")
    left = []
    assert predict_to_table(engine, [folder], out, watch=counted(left)).failed == 1
    assert left == [0]
    assert out.read_bytes() == uninterrupted[".parquet"]
    assert list(tmp_path.iterdir()) == [out]


def test_changed_new_and_vanished_files_are_noticed(engine, folder, few_at_risk, tmp_path):
    mine = shutil.copytree(folder, tmp_path / "mine")
    first, other = (
        (mine / "visit 0" / name).read_bytes().ljust(9000, b"\0") for name in ("00.jpg", "50.jpg")
    )
    (mine / "visit 0" / "00.jpg").write_bytes(first)
    out = tmp_path / "out.csv"
    with pytest.raises(Stop):
        predict_to_table(engine, [mine], out, watch=stop_after(9))
    before = (mine / "visit 0" / "00.jpg").stat()  # answered: to be done again, though of one size and age
    (mine / "visit 0" / "00.jpg").write_bytes(other)
    os.utime(mine / "visit 0" / "00.jpg", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert len(other) == before.st_size
    (mine / "visit 0" / "02.jpg").unlink()
    shutil.copy(mine / "visit 0" / "04.jpg", mine / "visit 0" / "03.jpg")
    assert predict_to_table(engine, [mine], out, watch=unwatched).before == 6
    fresh = tmp_path / "fresh.csv"
    predict_to_table(engine, [mine], fresh, watch=unwatched)
    assert out.read_bytes() == fresh.read_bytes()


@pytest.fixture
def begun(engine, folder, few_at_risk, tmp_path):
    """A table that an earlier run was killed over, with 28 answers."""
    out = tmp_path / "out.csv"
    with pytest.raises(Stop):
        predict_to_table(engine, [folder], out, watch=stop_after(30))
    return out


def refusal(*words, **named):
    with pytest.raises(DataError) as caught:
        predict_to_table(*words, **named, watch=unwatched)
    return str(caught.value)


def test_another_question_drops_no_answer_unless_told_so(request, begun, uninterrupted):
    engine, int8_engine, folder = map(request.getfixturevalue, ("engine", "int8_engine", "folder"))
    assert refusal(int8_engine, [folder], begun) == (
        f"The earlier answers for {begun} were made with another bundle; go on as before, give another "
        "--out, or --overwrite to start again."
    )
    said = refusal(int8_engine, [folder], begun, quality=False)
    assert "another bundle, another setting of --quality; go on" in said
    assert predict_to_table(engine, [folder], begun, watch=unwatched).before == 28
    assert begun.read_bytes() == uninterrupted[".csv"]


def test_overwrite_begins_another_question_anew(int8_engine, folder, begun):
    outcome = predict_to_table(int8_engine, [folder], begun, overwrite=True, watch=unwatched)
    assert (outcome.images, outcome.before) == (COUNT, 0)


@pytest.mark.parametrize("package", ["ai-edge-litert", "pydicom", "pillow", "pillow-heif", "dermdistill"])
def test_another_version_of_what_answers_is_another_question(package, engine, folder, begun, monkeypatch):
    if package == "dermdistill":
        monkeypatch.setattr(made_with, "__version__", "9.9")
    version = made_with.version
    monkeypatch.setattr(made_with, "version", lambda name: "9.9" if name == package else version(name))
    assert f"another version of {package};" in refusal(engine, [folder], begun)


def test_relative_paths_elsewhere_are_another_question(engine, folder, few_at_risk, tmp_path, monkeypatch):
    out = tmp_path / "out.csv"
    monkeypatch.chdir(folder.parent)
    with pytest.raises(Stop):
        predict_to_table(engine, [Path(folder.name)], out, watch=stop_after(9))
    (tmp_path / folder.name).mkdir()
    shutil.copy(folder / "visit 0" / "00.jpg", tmp_path / folder.name)
    monkeypatch.chdir(tmp_path)
    assert "another working directory;" in refusal(engine, [Path(folder.name)], out)


def test_other_files_drop_no_answer_unless_told_so(engine, folder, begun):
    other = folder / "visit 1"
    assert refusal(engine, [other], begun) == (
        f"An earlier run answered {folder}/visit 0/00.jpg too, which is not among these images; name it "
        "again, give another --out, or --overwrite to drop its answer."
    )
    left = []
    outcome = predict_to_table(engine, [other, folder], begun, watch=counted(left))
    assert (outcome.before, left) == (28, [COUNT - 28])


def test_overwrite_drops_the_answers_of_other_files(engine, folder, begun):
    outcome = predict_to_table(engine, [folder / "visit 0"], begun, overwrite=True, watch=unwatched)
    assert (outcome.images, outcome.before) == (COUNT // 2, 28)


def test_what_could_not_be_read_is_tried_again(engine, jpeg, few_at_risk, nobodys_dir, monkeypatch):
    """A permission and a package that were missing; a damaged picture stays damaged."""
    album, out = nobodys_dir / "album", nobodys_dir / "out.csv"
    (album / "f closed").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "e.jpg", "f closed/seen.jpg", "z.jpg"):
        (album / name).write_bytes(jpeg)
    whole = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (32, 32), (150, 90, 70))).save(whole)
    (album / "c.heic").write_bytes(whole.getvalue())
    (album / "d.jpg").write_bytes(jpeg[:-9])
    for name in ("b.jpg", "f closed"):
        (album / name).chmod(0)

    def version(name):
        if name == "pillow-heif":
            raise PackageNotFoundError(name)
        return "1"

    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pillow_heif", None)  # as if it were not installed
        patch.setattr(made_with, "version", version)
        patch.setattr(resumable, "write_table", killed)  # when all is answered
        with pytest.raises(Stop):
            predict_to_table(engine, [album], out, watch=unwatched)
    monkeypatch.setattr(made_with, "version", lambda _: "1")
    for name in ("b.jpg", "f closed"):
        (album / name).chmod(0o700)
    outcome = predict_to_table(engine, [album], out, watch=unwatched)
    assert outcome.before == 4, "a, d, e and z"
    table = out.read_text()
    assert "not installed" not in table
    assert "Permission" not in table
    assert outcome.failed == 1, "d is damaged"
    assert "seen.jpg" in table


def of_somebody_else(path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE images (name TEXT)")
    database.close()


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    "make",
    [
        of_somebody_else,
        lambda path: path.write_bytes(b"not a database, but long enough to be looked at" * 99),
        lambda path: path.write_bytes(b"1"),
    ],
)
def test_somebody_elses_file_is_left_alone(make, overwrite, engine, folder, tmp_path):
    out = tmp_path / "out.jsonl"
    partial = partial_path(out)
    make(partial)
    before = partial.read_bytes()
    assert refusal(engine, [folder], out, overwrite=overwrite) == (
        f"{partial} is not an unfinished table of ours; move it away, or give another --out."
    )
    assert partial.read_bytes() == before
    assert list(tmp_path.iterdir()) == [partial]


def test_a_partial_file_that_holds_nothing_yet_is_gone_on_with(engine, folder, uninterrupted, tmp_path):
    out = tmp_path / "out.jsonl"
    partial_path(out).touch()
    predict_to_table(engine, [folder], out, watch=unwatched)
    assert out.read_bytes() == uninterrupted[".jsonl"]


@pytest.mark.parametrize("there", [False, True])
def test_a_link_is_written_through(there, engine, folder, uninterrupted, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    out, target = tmp_path / "here" / "out.csv", tmp_path / "there" / "table"
    out.symlink_to("../there/table")
    if there:
        target.write_text("an older result\n")
        assert "exists already" in refusal(engine, [folder], out)
    predict_to_table(engine, [folder], out, overwrite=there, watch=unwatched)
    assert out.is_symlink()
    assert target.read_bytes() == uninterrupted[".csv"]
    assert [*out.parent.iterdir(), *target.parent.iterdir()] == [out, target]


def test_an_input_out_of_reach_is_not_blamed_on_the_output(engine, nobodys_dir):
    (nobodys_dir / "closed").mkdir(mode=0)
    said = refusal(engine, [nobodys_dir / "closed" / "a.jpg"], nobodys_dir / "out.csv")
    assert said == f"{nobodys_dir}/closed/a.jpg cannot be read (Permission denied); check the path."


def test_a_finished_table_is_replaced_only_when_told_so(engine, folder, uninterrupted, few_at_risk, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("an older result\n")
    with pytest.raises(DataError, match=r"out\.csv exists already; give another name, or --overwrite"):
        predict_to_table(engine, [folder], out, watch=unwatched)
    with pytest.raises(Stop):
        predict_to_table(engine, [folder], out, overwrite=True, watch=stop_after(30))
    for quality in (False, True):
        assert "exists already" in refusal(engine, [folder], out, quality=quality)
    assert out.read_text() == "an older result\n"
    assert predict_to_table(engine, [folder], out, overwrite=True, watch=unwatched).before == 28
    assert out.read_bytes() == uninterrupted[".csv"]


def test_two_runs_at_once_do_not_mix(engine, folder, tmp_path):
    out = tmp_path / "out.csv"
    journal = Journal(partial_path(out), engine.spec.codes)
    with pytest.raises(DataError, match="Another run is writing"):
        predict_to_table(engine, [folder], out, watch=unwatched)
    journal.close()


def test_a_run_that_finds_nothing_leaves_nothing(engine, tmp_path):
    (tmp_path / "empty").mkdir()
    for path, reason in (("empty", "No image found"), ("nowhere", "does not exist")):
        with pytest.raises(DataError, match=reason):
            predict_to_table(engine, [tmp_path / path], tmp_path / "o.csv", watch=unwatched)
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_files_come_in_the_order_named_and_by_path_parts_and_once(engine, tmp_path, folder):
    picture = (folder / "visit 0" / "00.jpg").read_bytes()
    names = ["b/x.jpg", "a-1/x.jpg", "a/z.jpg", "a/B.jpg", "a/b/c.jpg", "a.jpg"]
    for name in names:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(picture)
    given = [tmp_path / "in" / "b" / "x.jpg", tmp_path / "in"]
    expected = [names[0], "a/B.jpg", "a/b/c.jpg", "a/z.jpg", "a-1/x.jpg", "a.jpg"]
    predict_to_table(engine, given, tmp_path / "o.csv", watch=unwatched)
    lines = (tmp_path / "o.csv").read_text().splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == [str(tmp_path / "in" / name) for name in expected]
    assert find_images([tmp_path / "in"]) == [
        tmp_path / "in" / name for name in [*expected[1:5], "a.jpg", names[0]]
    ]


def peak_memory(root, count):
    """Bytes of Python's own that listing, recording and writing `count` rows takes at most."""
    tracemalloc.start()
    journal = Journal(root / "journal", CLASSES)
    journal.list_files([(root / f"{7919 * number % count}.jpg" for number in range(count))])
    rows = (Row(path, None, "is cut off") for path in journal.unanswered())
    while portion := list(islice(rows, 100)):
        journal.record(portion)
    write_table(root / "table.csv", journal.rows(), CLASSES, suffix=".csv")
    journal.remove()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len((root / "table.csv").read_bytes().splitlines()) == count + 1
    return peak


def test_memory_does_not_grow_with_the_number_of_files(tmp_path):
    peak_memory(tmp_path, 10)
    few, many = peak_memory(tmp_path, 1000), peak_memory(tmp_path, 4000)
    assert many - few < 100_000, "3,000 paths alone would take 400,000 bytes"
