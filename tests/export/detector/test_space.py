import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from dermdistill.errors import DataError
from dermdistill.export.detector.drawn import KINDS, negative_images
from dermdistill.export.detector.photographs import FILES, photographs
from dermdistill.export.detector.space import (
    Detector,
    accepted_share,
    balanced_weights,
    detector_auroc,
    detector_files,
    detector_part,
    fit_space,
    fit_threshold,
)


def rows_of(diagnoses, source="one", picture="dermoscopic"):
    return pd.DataFrame({"diagnosis": diagnoses, "source": source, "picture": picture})


MOLES = rows_of(["nv"] * 600)


@pytest.fixture(scope="module")
def flat():
    """Embeddings that fill three of ten dimensions, with a little of everything else."""
    rng = np.random.default_rng(0)
    wide = rng.normal(scale=5, size=(600, 3)) @ rng.normal(size=(3, 10))
    return 7 + wide + rng.normal(scale=0.1, size=(600, 10))


def test_the_distance_is_what_principal_components_leave(flat):
    detector = fit_space(flat, MOLES, dims=3)
    peer = PCA(3).fit(flat)
    queries = np.random.default_rng(1).normal(scale=8, size=(5, 10))
    left = queries - peer.inverse_transform(peer.transform(queries))
    lengths = np.linalg.norm(queries - flat.mean(axis=0), axis=1)
    np.testing.assert_allclose(detector.distances(queries), np.square(left).sum(axis=1) / lengths, rtol=1e-3)
    np.testing.assert_array_equal(
        detector.distances(detector.mean[None]), [0], "the mean itself is no distance away"
    )


def test_the_distance_may_be_the_residual_itself(flat):
    wide = fit_space(flat, MOLES, dims=5)
    queries = np.random.default_rng(1).normal(scale=8, size=(5, 10))
    plain = wide.of_form("residual", 3)
    assert plain.basis.shape == (10, 3)
    lengths = np.linalg.norm(queries - wide.mean, axis=1)
    per_length = fit_space(flat, MOLES, dims=3).distances(queries)
    np.testing.assert_allclose(plain.distances(queries), per_length * lengths, rtol=1e-6)


def test_a_rare_class_weighs_as_much_as_a_common_one():
    rng = np.random.default_rng(5)
    common, rare = np.zeros((990, 8)), np.zeros((10, 8))
    common[:, :2] = rng.normal(scale=(9, 3), size=(990, 2))
    rare[:, 2] = range(-10, 10, 2)
    detector = fit_space(np.concatenate([common, rare]), rows_of(["nv"] * 990 + ["vasc"] * 10), dims=2)
    assert detector.distances(rare[[0]]) < 0.1, "one of two directions is the rare class's"
    alike = fit_space(np.concatenate([common, rare]), rows_of(["nv"] * 1000), dims=2)
    assert alike.distances(rare[[0]]) > 5


def test_a_small_source_and_a_kind_of_picture_weigh_as_much_as_large_ones():
    rows = pd.concat(
        [
            rows_of(["nv"] * 80 + ["mel"] * 20),
            rows_of(["nv"] * 10, source="two"),
            rows_of(["mel"] * 5, source="two", picture="clinical"),
        ]
    )
    weights = balanced_weights(rows)
    # By hand: three groups alike; in the first two classes alike, so .5 over 80 images and .5 over 20.
    expected = [0.5 / 80] * 80 + [0.5 / 20] * 20 + [1 / 10] * 10 + [1 / 5] * 5
    np.testing.assert_allclose(weights, expected)


def test_a_small_embedding_keeps_half_of_its_dimensions_outside(flat):
    assert fit_space(flat, MOLES).basis.shape == (10, 5)


def test_at_most_the_promised_share_of_lesions_is_refused():
    rng = np.random.default_rng(2)
    embeddings = rng.normal(size=(3000, 4))
    lesions = pd.Series(np.arange(3000) // 3)
    detector = Detector(np.zeros(4, np.float32), np.eye(4, 1, dtype=np.float32))
    detector = fit_threshold(detector, embeddings, lesions)
    refused = detector.refused(embeddings).reshape(1000, 3).any(axis=1)
    # By hand: the largest k with P(Binomial(1000, .03) >= k) >= .9 is 23, so 22 lesions lie above.
    assert refused.sum() == 22
    rows = pd.DataFrame({"lesion_id": lesions, "diagnosis": np.where(lesions < 500, "nv", "mel")})
    share, by_class = accepted_share(detector, embeddings, rows)
    assert share == pytest.approx(1 - 0.022)
    assert by_class == {"mel": 1 - refused[500:].mean(), "nv": 1 - refused[:500].mean()}
    assert 0.9 <= detector.confidence < 0.95


def test_what_lies_elsewhere_is_told_apart(flat):
    detector = fit_space(flat[::2], MOLES[:300], dims=3)
    elsewhere = flat[1::2] + np.random.default_rng(3).normal(size=(300, 10))
    assert detector_auroc(detector, flat[1::2], elsewhere) > 0.99
    assert detector_auroc(detector, flat[1::2], flat[1::2]) == pytest.approx(0.5)


def test_the_part_has_the_files_and_figures_by_kind(flat):
    detector = fit_threshold(fit_space(flat, MOLES, dims=3), flat, pd.Series(range(600)))
    negatives = {"far": flat + 40, "same": flat}
    rows = pd.DataFrame({"lesion_id": range(600), "diagnosis": "nv"})
    part = detector_part(detector, split="test", lesions=flat, rows=rows, negatives=negatives)
    files = detector_files(detector)
    assert [array.file for array in part.arrays] == ["detector_mean.f32", "detector_basis.f32"]
    for array, expected in zip(part.arrays, (detector.mean, detector.basis), strict=True):
        np.testing.assert_array_equal(np.frombuffer(files[array.file], "<f4").reshape(array.shape), expected)
    assert part.auroc_by_kind == {"far": 1.0, "same": 0.5}
    assert part.auroc == 0.75
    assert part.refused_by_kind == {"far": 1.0, "same": round(1 - part.accepted_share, 6)}
    assert part.accepted_by_class == {"nv": part.accepted_share}
    assert part.distance_threshold == detector.distance_threshold


def test_no_train_images_no_detector():
    with pytest.raises(DataError, match="needs train images"):
        fit_space(np.zeros((0, 4)), MOLES[:0])


@pytest.mark.parametrize("kind", KINDS)
def test_negatives_are_pictures_that_repeat(kind):
    images = negative_images(kind, 6, size=64)
    assert (images.shape, images.dtype) == ((6, 64, 64, 3), np.uint8)
    np.testing.assert_array_equal(images, negative_images(kind, 6, size=64))
    assert len({image.tobytes() for image in images}) == 6
    assert not np.array_equal(images, negative_images(kind, 6, size=64, seed=1))


def test_photographs_of_every_kind_are_cut_and_repeat():
    crops = photographs(8, size=64)
    assert set(crops) == set(FILES)
    again = photographs(8, size=64)
    for kind, images in crops.items():
        assert (images.shape, images.dtype) == ((8, 64, 64, 3), np.uint8)
        assert len({image.tobytes() for image in images}) == 8, kind
        np.testing.assert_array_equal(images, again[kind])


def test_without_scikit_image_the_lab_still_has_three(monkeypatch):
    from dermdistill.export.detector import photographs as module

    find = module.find_spec
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "skimage" else find(name))
    assert set(photographs(2, size=32)) == {"people", "things", "plants"}
