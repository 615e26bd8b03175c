import numpy as np
import pytest

from dermdistill.data.batches import BatchSource
from dermdistill.data.views.render import make_view
from dermdistill.data.views.settings import ViewSettings
from dermdistill.distill.cached.write import BATCH, answer_view_bank
from dermdistill.errors import ModelError

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), np.uint8)
IDS = [f"image_{number}" for number in range(40)]
BATCHES = BatchSource(IMAGES, IDS, np.zeros(40, int), codes=("a", "b"), seed=3, view_settings=ViewSettings())
ROWS = np.array([5, 0, 39, *range(10, 30)])
VIEWS = 3


def moments(images):
    """A stand-in for a network: its answers tell every view of every image from every other."""
    return np.stack([images.mean(axis=(1, 2, 3)), images.std(axis=(1, 2, 3))], axis=1)


def expected():
    views = [
        [make_view(IMAGES[row], IDS[row], view, 3, ViewSettings()) for view in range(VIEWS)] for row in ROWS
    ]
    return np.stack([moments(np.stack(of_image)) for of_image in views]).astype(np.float16)


def test_every_view_of_every_image_is_answered_in_its_place(tmp_path):
    told = []
    logits = answer_view_bank(moments, BATCHES, ROWS, VIEWS, unfinished=tmp_path / "part", tell=told.append)
    assert logits.dtype == np.float16
    np.testing.assert_array_equal(logits, expected())
    assert told == [0, 32, 64, 69]


@pytest.mark.parametrize("cut", [0, 1, 5], ids=lambda cut: f"{cut}_bytes_lost")
def test_stopped_at_any_moment_it_goes_on_and_asks_nothing_twice(tmp_path, cut):
    part = tmp_path / "part"
    asked = []

    def dies_at_the_second_batch(images):
        if len(asked) == 1:
            raise KeyboardInterrupt
        asked.append(len(images))
        return moments(images)

    with pytest.raises(KeyboardInterrupt):
        answer_view_bank(dies_at_the_second_batch, BATCHES, ROWS, VIEWS, unfinished=part)
    answered = BATCH * 2 * 2  # two classes of two bytes
    assert part.stat().st_size == answered
    with part.open("rb+") as file:
        file.truncate(answered - cut)
    whole = -(-cut // 4)  # answers lost with the bytes
    told, asked_again = [], []

    def counts(images):
        asked_again.append(len(images))
        return moments(images)

    logits = answer_view_bank(counts, BATCHES, ROWS, VIEWS, unfinished=part, tell=told.append)
    np.testing.assert_array_equal(logits, expected())
    assert sum(asked_again) == len(ROWS) * VIEWS - BATCH + whole
    assert told[0] == BATCH - whole


def test_what_is_finished_needs_no_model(tmp_path):
    answer_view_bank(moments, BATCHES, ROWS, VIEWS, unfinished=tmp_path / "part")

    def never(images):
        raise AssertionError

    again = answer_view_bank(never, BATCHES, ROWS, VIEWS, unfinished=tmp_path / "part")
    np.testing.assert_array_equal(again, expected())


def test_a_teacher_that_answers_nonsense_is_refused(tmp_path):
    with pytest.raises(ModelError, match="not finite"):
        answer_view_bank(
            lambda images: np.full((len(images), 2), 1e6), BATCHES, ROWS, 1, unfinished=tmp_path / "part"
        )
