import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import mahalanobis
from sklearn.covariance import LedoitWolf

from dermdistill.errors import DataError
from dermdistill.export.negatives import KINDS, negative_images
from dermdistill.export.out_of_distribution import (
    Gate,
    accepted_share,
    energies,
    fit_distance,
    fit_thresholds,
    gate_auroc,
    gate_files,
    gate_part,
)


@pytest.fixture(scope="module")
def clouds():
    """Three classes in ten dimensions with a common, uneven covariance."""
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(10, 10))
    centres = rng.normal(scale=6, size=(3, 10))
    labels = np.repeat([0, 4, 5], 200)
    return centres.repeat(200, axis=0) + rng.normal(size=(600, 10)) @ mixing, labels


def test_the_distance_is_mahalanobis_to_the_nearest_class(clouds):
    embeddings, labels = clouds
    gate = fit_distance(embeddings, labels, dims=10)
    centres = [embeddings[labels == k].mean(axis=0) for k in (0, 4, 5)]
    within = embeddings - np.repeat(centres, 200, axis=0)
    precision = np.linalg.inv(LedoitWolf(assume_centered=True).fit(within).covariance_)
    queries = np.random.default_rng(1).normal(scale=8, size=(5, 10))
    expected = [min(mahalanobis(query, c, precision) ** 2 for c in centres) for query in queries]
    np.testing.assert_allclose(gate.distances(queries), expected, rtol=1e-3)


def test_fewer_directions_keep_the_widest(clouds):
    embeddings, labels = clouds
    gate = fit_distance(embeddings, labels, dims=4)
    assert gate.whitening.shape == (10, 4)
    centres = np.stack([embeddings[labels == k].mean(axis=0) for k in (0, 4, 5)]).repeat(200, axis=0)
    whitened = (embeddings - centres) @ gate.whitening
    np.testing.assert_allclose(np.cov(whitened.T), np.eye(4), atol=0.1)


def test_the_energy_by_hand():
    assert energies(np.log(np.array([[1.0, 2, 3, 4, 5, 6, 7]]))) == pytest.approx(-np.log(28))


def test_at_most_the_promised_share_of_lesions_is_refused():
    rng = np.random.default_rng(2)
    embeddings, logits = rng.normal(size=(900, 4)), rng.normal(size=(900, 7))
    lesions = pd.Series(np.arange(900) // 3)
    gate = Gate(np.zeros(4, np.float32), np.eye(4, dtype=np.float32), np.zeros((1, 4), np.float32))
    gate = fit_thresholds(gate, embeddings, logits, lesions)
    refused = gate.refused(embeddings, logits).reshape(300, 3).any(axis=1)
    assert 0.005 < refused.mean() <= 0.02
    assert accepted_share(gate, embeddings, logits, lesions) == pytest.approx(1 - refused.mean())
    # Both scores refuse some: neither threshold is idle.
    assert (gate.distances(embeddings) > gate.distance_threshold).any()
    assert (energies(logits) > gate.energy_threshold).any()


def test_what_lies_elsewhere_is_told_apart(clouds):
    embeddings, labels = clouds
    gate = fit_distance(embeddings[::2], labels[::2])
    far = embeddings[1::2] + 40
    assert gate_auroc(gate, embeddings[1::2], far) > 0.99
    assert gate_auroc(gate, embeddings[1::2], embeddings[1::2]) == pytest.approx(0.5)


def test_the_files_hold_the_arrays(clouds):
    gate = fit_distance(*clouds, dims=4)
    gate = Gate(gate.mean, gate.whitening, gate.class_means, 9.5, -1.5)
    part = gate_part(gate, split="test", accepted=0.985, auroc=0.999)
    files = gate_files(gate)
    for field in ("mean", "whitening", "class_means"):
        array = getattr(part, field)
        stored = np.frombuffer(files[array.file], "<f4").reshape(array.shape)
        np.testing.assert_array_equal(stored, getattr(gate, field))
    assert (part.distance_threshold, part.energy.threshold) == (9.5, -1.5)


def test_no_train_images_no_gate():
    with pytest.raises(DataError, match="needs train images"):
        fit_distance(np.zeros((0, 4)), np.zeros(0, np.intp))


@pytest.mark.parametrize("kind", KINDS)
def test_negatives_are_pictures_that_repeat(kind):
    images = negative_images(kind, 6, size=64)
    assert (images.shape, images.dtype) == ((6, 64, 64, 3), np.uint8)
    np.testing.assert_array_equal(images, negative_images(kind, 6, size=64))
    assert len({image.tobytes() for image in images}) == 6
    assert not np.array_equal(images, negative_images(kind, 6, size=64, seed=1))
