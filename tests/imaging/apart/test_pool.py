"""Decoders in processes of their own: the same answers, and a picture that ends one harms no other."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from dermdistill.errors import ImageError
from dermdistill.imaging import ImageTooLargeError, UnsupportedFormatError
from dermdistill.imaging.apart import DecoderPool
from dermdistill.imaging.square import open_square

from ..hostile import dicom_of_j2k
from ..made import chunk, coded, dicom, heic, png, smooth

SMALL = coded(smooth(45, 60), "PNG")
FILES = {kind: coded(smooth(300, 200), kind) for kind in ("JPEG", "PNG", "WEBP", "TIFF", "BMP")}
FILES |= {"HEIC": heic(smooth(300, 200)), "DICOM": dicom(smooth(300, 200)[None])}
GONE = "lesion cannot be decoded: it takes too long or too much memory, or ends its decoder"


@pytest.fixture(scope="module")
def pool():
    pool = DecoderPool(2)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def slow():
    """A picture that takes a second or more."""
    return dicom_of_j2k(4_900, 5_000)


@pytest.mark.parametrize("kind", FILES)
def test_a_square_is_the_same_as_in_this_process(kind, pool):
    here, there = open_square(FILES[kind], 96), pool.open_square(FILES[kind], 96)
    np.testing.assert_array_equal(there.pixels, here.pixels)
    assert (there.width, there.height) == (here.width, here.height) == (200, 300)
    assert there.pixels.flags.writeable


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", ImageError),
        (b"hello", UnsupportedFormatError),
        (png(chunk(b"IDAT", b""), size=(20_000, 20_000)), ImageTooLargeError),
    ],
)
def test_an_error_is_the_same_as_in_this_process(data, kind, pool):
    before = pool.processes()
    with pytest.raises(ImageError) as here:
        open_square(data, 96, name="ünï\udcff.png")
    with pytest.raises(ImageError) as there:
        pool.open_square(data, 96, name="ünï\udcff.png")
    assert type(there.value) is type(here.value) is kind
    assert str(there.value) == str(here.value)
    assert pool.processes() == before


def test_more_threads_than_processes_wait_for_each_other(pool):
    with ThreadPoolExecutor(8) as threads:
        squares = list(threads.map(lambda _: pool.open_square(SMALL, 32), range(40)))
    assert len({square.pixels.tobytes() for square in squares}) == 1


def test_a_picture_that_takes_its_decoder_too_long_is_one_error(slow):
    pool = DecoderPool(1, seconds=0)
    before = pool.processes()
    with pytest.raises(ImageError, match=GONE):
        pool.open_square(slow, 96, name="lesion")
    assert pool.open_square(SMALL, 32).width == 60
    assert pool.processes() != before
    pool.close()


def test_so_is_one_that_waits_for_ever(slow):
    pool = DecoderPool(1, wall_seconds=0.05)
    with pytest.raises(ImageError, match=GONE):
        pool.open_square(slow, 96, name="lesion")
    pool.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory")
def test_so_is_one_that_takes_too_much_memory(slow):
    pool = DecoderPool(1, memory_bytes=120_000_000)
    with pytest.raises(ImageError, match=r"lesion .*cannot be decoded"):
        pool.open_square(slow, 96, name="lesion")
    assert pool.open_square(SMALL, 32).width == 60
    pool.close()


def test_a_decoder_that_is_killed_loses_its_own_picture_alone(slow):
    pool = DecoderPool(2)
    pool.open_square(SMALL, 32)
    errors = []

    def send():
        try:
            pool.open_square(slow, 32, name="lesion")
        except ImageError as error:
            errors.append(str(error))

    thread = threading.Thread(target=send)
    thread.start()
    busy = busiest(pool.processes())
    os.kill(busy, signal.SIGKILL)
    assert [pool.open_square(SMALL, 32).width for _ in range(10)] == [60] * 10
    thread.join(60)
    assert len(errors) == 1
    assert "lesion cannot be decoded" in errors[0]
    pool.close()


def busiest(processes):
    """The process that has taken memory for a large picture."""
    for _ in range(3000):
        for process in processes:
            pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
            if pages * os.sysconf("SC_PAGE_SIZE") > 250_000_000:
                return process
        time.sleep(0.01)
    raise AssertionError("no process is at work")


def test_one_that_was_killed_while_it_was_idle_is_nobodys_error():
    pool = DecoderPool(1)
    pool.open_square(SMALL, 32)
    os.kill(pool.processes()[0], signal.SIGKILL)
    time.sleep(0.2)
    assert pool.open_square(SMALL, 32).width == 60
    pool.close()


def test_the_processes_end_with_the_one_that_made_them():
    code = (
        "import os, signal\nfrom dermdistill.imaging.apart import DecoderPool\n"
        "pool = DecoderPool(2)\nprint(*pool.processes(), flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    for _ in range(200):
        if not any(alive(int(process)) for process in done.stdout.split()):
            return
        time.sleep(0.05)
    raise AssertionError("a decoder outlived its parent")


def alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
