"""Lists of pixels in JSON text: read right, refused by kind, and in memory that the text's length bounds."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermdistill.strict_json import JsonError
from dermdistill.web.v2.pixels import PixelError, cut_pixels, pixels_of

TINY = Path(__file__).parents[2] / "fixtures" / "tiny_float32"
SHAPE = (2, 9, 9, 3)
IMAGE = b'{"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 224, 224, 3], "data": ['
NUMBERS = 224 * 224 * 3


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize("style", [{}, {"separators": (",", ":")}, {"indent": 2}, {"indent": "\t"}])
@pytest.mark.parametrize("last", [True, False])
def test_numbers_are_read_however_they_are_laid_out(nested, style, last):
    pixels = np.random.default_rng(0).integers(0, 256, SHAPE, np.uint8)
    entry = {"name": "[1, 2, 3]", "data": pixels.tolist() if nested else pixels.ravel().tolist()}
    if not last:
        entry["after"] = ["]", {"data": [1]}]
    cut = cut_pixels(json.dumps({"inputs": [entry]}, **style).encode(), mark="here")
    assert cut.rest == {"inputs": [entry | {"data": "here"}]}
    np.testing.assert_array_equal(pixels_of(cut.numbers, SHAPE), pixels)


def test_pieces_of_a_long_list_fit_together():
    pixels = np.random.default_rng(1).integers(0, 256, (12, 224, 224, 3), np.uint8)
    text = json.dumps(pixels.ravel().tolist()).encode()
    assert len(text) > 4_000_000
    np.testing.assert_array_equal(pixels_of(text, pixels.shape), pixels)


@pytest.mark.parametrize(
    "text",
    [
        b"[1,2,,4]",
        b"[,1,2,3]",
        b"[1,2,3,]",
        b"[1 2,3,4]",
        b"[1 2,3,4,5]",
        b"[01,2,3,4]",
        b"[00,2,3,4]",
        b"[1,2,3,256]",
        b"[1,2,3,1000]",
        b"[1,2,3,99999999999999999999]",
        b"[1,2,3]",
        b"[1,2,3,4,5]",
        b"[1,[2,3],4]",
        b"[[1,2],3,4]",
        b"[[1,2,3],[4]]",
        b"[[1,2],[3 4]]",
        b"[[1,2],[3,4]",
        b"[[1,2][3,4]]",
        b"[]",
    ],
)
def test_what_is_no_such_list_is_refused(text):
    with pytest.raises(PixelError, match="must be"):
        pixels_of(text, (2, 2))


@given(st.text("0123456789,[] ", max_size=30))
def test_it_agrees_with_a_json_parser_on_any_text(text):
    try:
        expected = np.array(json.loads(text))
        right = text.lstrip().startswith("[") and expected.dtype.kind == "i"
        right = right and expected.shape in ((4,), (2, 2)) and expected.max() <= 255
    except ValueError:
        right = False
    try:
        got = pixels_of(text.strip().encode(), (2, 2))
    except PixelError:
        assert not right
    else:
        assert right
        np.testing.assert_array_equal(got, expected.reshape(2, 2))


@pytest.mark.parametrize(
    ("start", "piece", "end"),
    [
        (b'"', b'\\"', b""),  # a string without an end, in which each quote could start another
        (b'"', b'\\"', b"\\"),
        (b'{"data": "', b'\\"', b""),
        (b"", b'"', b""),
        (b"", b'["', b""),
        (b"", b"[", b""),
        (b"", b"[1,", b""),
        (b"", b"[1]", b""),
        (b'"data":[', b"1 ", b""),
        (b"", b'"data":[', b""),
        (b'"data"', b" ", b"["),
        (b"", b'{"data":', b""),
    ],
)
def test_the_time_follows_the_length_of_any_text(start, piece, end):
    body = start + piece * (2_000_000 // len(piece)) + end
    before = time.process_time()
    with pytest.raises((PixelError, JsonError)):
        cut_pixels(body, mark="here")
    assert time.process_time() - before < 2


CHILD = """
import resource, sys
from dermdistill.inference import load_bundle
from dermdistill.web import create_app
client = create_app(engine=load_bundle(sys.argv[1], threads=1)).test_client()
body = sys.stdin.buffer.read()
path = "/v2/models/tiny_float32/infer"
client.post(path, data=b"{}", content_type="application/json")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
headers = {"Content-Encoding": sys.argv[2]} if sys.argv[2:] else {}
response = client.post(path, data=body, content_type="application/json", headers=headers)
print(response.status_code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def taken(body: bytes, *encoding: str) -> tuple[int, int]:
    """Status and kilobytes of one request in a process of its own, which a limit ends at 3 GB."""
    code = "import resource; resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n" + CHILD
    done = subprocess.run(
        [sys.executable, "-c", code, str(TINY), *encoding], input=body, capture_output=True, check=True
    )
    status, kilobytes = done.stdout.split()
    return int(status), int(kilobytes)


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no module resource")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (IMAGE + b"1," * 20_000 + b'"' + b"a" * 180_000 + b'"]}]}', 400),  # took 7.6 GB
        (IMAGE + b"1," * 150_000 + b'"' + b"\xf0\x9f\x98\x80" * 200_000 + b'"]}]}', 400),
        (IMAGE + b"{}," * 4_000_000 + b"1]}]}", 400),
        (IMAGE + b"[]," * 4_000_000 + b"1]}]}", 400),
        (IMAGE + b"0.5," * 3_000_000 + b"1]}]}", 400),
        (IMAGE + b"1" * 12_000_000 + b"]}]}", 400),
        (b'{"id": "' + b"\\u00e9" * 2_000_000 + b'"}', 400),
        (b"[" * 12_000_000, 400),
    ],
)
def test_a_request_takes_memory_for_its_size_whatever_it_holds(body, status):
    answered, kilobytes = taken(body)
    assert answered == status
    assert kilobytes * 1024 < 8 * len(body) + (16 << 20)


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no module resource")
def test_a_small_packed_request_unpacks_to_no_more_than_a_request_may_have():
    import gzip

    packed = gzip.compress(b" " * 500_000_000, 1)
    answered, kilobytes = taken(packed, "gzip")
    assert answered == 413
    assert kilobytes < 120 * 1024
