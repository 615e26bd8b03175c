import pytest

from dermdistill.strict_json import DEEPEST, JsonError, read_json


def test_json_is_read_as_it_stands():
    assert read_json('{"a": [1, 2.5, null, true, "ü"], "b": {"a": -1e3}}'.encode()) == {
        "a": [1, 2.5, None, True, "ü"],
        "b": {"a": -1000.0},
    }
    assert read_json(b"[" * DEEPEST + b"]" * DEEPEST)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Expecting value"),
        (b"{", "Invalid JSON"),
        (b"\xff", "not UTF-8"),
        (b"\xef\xbb\xbf{}", "Invalid JSON"),
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b'{"b": [{"a": 1, "\\u0061": 2}]}', "stands twice"),
        (b"NaN", "NaN is no JSON number"),
        (b"-Infinity", "-Infinity is no JSON number"),
        (b"1e400", "too large"),
        (b"1" * 5000, "too many digits"),
        (b"[" * 101 + b"]" * 101, "too deeply"),
        (b"[" * 1_000_000, "too deeply"),
        (b'{"a":' * 100_000, "too deeply"),
    ],
)
def test_what_readers_read_differently_is_one_sentence(data, said):
    with pytest.raises(JsonError, match=said) as caught:
        read_json(data)
    assert len(str(caught.value)) < 200
