"""Prepare may be killed at any moment; started again it goes on, and ends with the same bytes."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from dermdistill.data.prepare.prepare import prepare
from dermdistill.data.sources import Source, read_source
from layouts import HAM, HAM_COLUMNS, encode, write_csv
from synthetic import lesion_image

COUNT = 240
FILES = ("images.npy", "index.csv", "prepare.json")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """240 different pictures, one of them broken, so that the cache must close a gap."""
    root = tmp_path_factory.mktemp("many")
    base = lesion_image("mel", 0, height=150, width=200)
    for number in range(COUNT):
        jpeg = encode(np.roll(base, divmod(number, 200), axis=(0, 1)))
        (root / f"I{number:04d}.jpg").write_bytes(jpeg[:-9] if number == 77 else jpeg)
    rows = [[f"L{n // 2}", f"I{n:04d}", "nv", "histo", "50", "male", "back"] for n in range(COUNT)]
    write_csv(root / "HAM10000_metadata.csv", HAM_COLUMNS, rows)
    return root


@pytest.fixture(scope="module")
def uninterrupted(many: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("whole") / "out"
    prepare(read_source(many, classes=HAM), out, classes=HAM, image_size=64, on_progress=lambda *_: None)
    assert np.load(out / "images.npy").shape == (COUNT - 1, 64, 64, 3)
    return {name: (out / name).read_bytes() for name in FILES}


def counting(source: Source, reads: Counter) -> Source:
    """The same source; reading a file counts."""

    def watched(file):
        def read() -> bytes:
            reads[file.image_id] += 1
            return file.read()

        return replace(file, read=read)

    return replace(source, images=[watched(file) for file in source.images])


def files_in(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


# `data prepare` in a process of its own, with images that take a while to read.
SLOWLY = """
import sys, time
from dataclasses import replace
from pathlib import Path
from dermdistill.data.prepare.prepare import prepare
from dermdistill.data.sources import read_source
from dermdistill.classes import load_classes

HAM = load_classes("ham10000")

def slow(file):
    return replace(file, read=lambda: (time.sleep(0.02), file.read())[1])

source = read_source(Path(sys.argv[1]), classes=HAM)
source = replace(source, images=[slow(file) for file in source.images])
prepare(source, Path(sys.argv[2]), image_size=64, classes=HAM, on_progress=lambda *_: None)
"""


class Stop(KeyboardInterrupt):
    pass


def interrupt_after(images: int):
    def on_progress(done: int, total: int) -> None:
        if done >= images:
            raise Stop

    return on_progress


def work_of(out: Path) -> Path:
    (work,) = out.parent.glob(".out.*.partial")
    return work


def test_after_kill_9_it_goes_on_and_gives_the_same_bytes(many, uninterrupted, tmp_path):
    out = tmp_path / "out"
    process = subprocess.Popen([sys.executable, "-c", SLOWLY, str(many), str(out)])
    deadline = time.monotonic() + 60
    while not any(log.stat().st_size for log in out.parent.glob(".out.*.partial/decoded.jsonl")):
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not out.exists()

    reads: Counter = Counter()
    seen = []
    prepare(
        counting(read_source(many, classes=HAM), reads),
        out,
        classes=HAM,
        image_size=64,
        on_progress=lambda done, total: seen.append((done, total)),
    )
    assert 0 < seen[0][0] < COUNT
    assert seen[-1] == (COUNT, COUNT)
    assert sum(reads.values()) == COUNT - seen[0][0]
    assert files_in(out) == uninterrupted
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_after_an_interrupt_no_finished_image_is_read_again(many, uninterrupted, tmp_path):
    reads: Counter = Counter()
    source = counting(read_source(many, classes=HAM), reads)
    for stop in (30, 100, 200):
        with pytest.raises(Stop):
            prepare(source, tmp_path / "out", classes=HAM, image_size=64, on_progress=interrupt_after(stop))
    prepare(source, tmp_path / "out", classes=HAM, image_size=64, on_progress=lambda *_: None)
    assert set(reads.values()) == {1}
    assert len(reads) == COUNT
    assert files_in(tmp_path / "out") == uninterrupted


def test_pixels_that_did_not_reach_the_disk_are_decoded_again(many, uninterrupted, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(Stop):
        prepare(
            read_source(many, classes=HAM), out, classes=HAM, image_size=64, on_progress=interrupt_after(100)
        )
    pixels = np.lib.format.open_memmap(work_of(out) / "decoded.npy", mode="r+")
    pixels[:50] = 0
    pixels.flush()
    log = work_of(out) / "decoded.jsonl"
    log.write_bytes(log.read_bytes()[:-7])  # and the log's last line was cut off
    prepare(read_source(many, classes=HAM), out, classes=HAM, image_size=64, on_progress=lambda *_: None)
    assert files_in(out) == uninterrupted


def test_a_cache_file_cut_short_is_begun_anew(many, uninterrupted, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(Stop):
        prepare(
            read_source(many, classes=HAM), out, classes=HAM, image_size=64, on_progress=interrupt_after(50)
        )
    os.truncate(work_of(out) / "decoded.npy", 50)
    prepare(read_source(many, classes=HAM), out, classes=HAM, image_size=64, on_progress=lambda *_: None)
    assert files_in(out) == uninterrupted


@pytest.mark.parametrize("broken", [True, False])
def test_killed_just_before_the_last_move_nothing_is_read_again(broken, many, tmp_path, monkeypatch):
    """With a broken image the cache is copied without it; without one the file itself is moved."""
    source = read_source(many, classes=HAM)
    if not broken:
        source = replace(source, rows=source.rows[source.rows["image_id"] != "I0077"])
    out, move = tmp_path / "out", Path.replace

    def killed(self: Path, target: Path) -> Path:
        if self.name == "ready":
            raise Stop
        return move(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(Stop):
            prepare(source, out, classes=HAM, image_size=64, on_progress=lambda *_: None)
    reads: Counter = Counter()
    prepare(counting(source, reads), out, classes=HAM, image_size=64, on_progress=lambda *_: None)
    assert reads.total() == 0
    assert np.load(out / "images.npy").shape == (COUNT - 1, 64, 64, 3)
    assert sorted(files_in(out)) == sorted(FILES)


def test_other_inputs_do_not_go_on_from_old_work(many, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(Stop):
        prepare(
            read_source(many, classes=HAM), out, classes=HAM, image_size=64, on_progress=interrupt_after(50)
        )
    seen = []
    prepare(
        read_source(many, classes=HAM),
        out,
        classes=HAM,
        image_size=32,
        on_progress=lambda done, _: seen.append(done),
    )
    assert seen[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_opencv_keeps_its_threads(many, tmp_path):
    threads = cv2.getNumThreads()
    prepare(
        read_source(many, classes=HAM),
        tmp_path / "out",
        classes=HAM,
        image_size=8,
        on_progress=lambda *_: None,
    )
    assert cv2.getNumThreads() == threads
