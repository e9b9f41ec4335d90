"""Data, model and training of the digits network."""

import gzip

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from symflow.errors import SymflowError
from symflow.frontend import digits


@pytest.fixture(scope="module")
def data():
    return digits.load(digits.find())


def test_the_data_are_whole(data):
    images = np.concatenate([data.train_images, data.test_images])
    labels = np.concatenate([data.train_labels, data.test_labels])
    assert images.shape == (1797, 64)
    assert labels.shape == (1797, 10)
    assert images.min() == 0
    assert images.max() == 1
    assert (labels.sum(axis=1) == 1).all()
    assert len(data.test_images) == 359
    # each digit about 180 times, in the test too
    assert (labels.sum(axis=0) > 170).all()
    assert (data.test_labels.sum(axis=0) > 20).all()


def test_the_split_depends_on_the_seed_alone(data):
    again = digits.load(digits.find())
    other = digits.load(digits.find(), seed=1)
    assert (again.test_images == data.test_images).all()
    assert not (other.test_images == data.test_images).all()


def test_missing_data_are_explained(tmp_path):
    with pytest.raises(SymflowError, match=r"nowhere\.gz.*--data"):
        digits.find(tmp_path / "nowhere.gz")


def test_data_found_below_the_work_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(digits, "__file__", str(tmp_path / "a" / "b" / "c.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SymflowError, match="come with the source"):
        digits.find()
    (tmp_path / "examples" / "data").mkdir(parents=True)
    (tmp_path / digits.FILE).touch()
    assert digits.find() == tmp_path / digits.FILE


@pytest.mark.parametrize(
    "content",
    [b"no gzip", gzip.compress(b"1,2,3\n"), gzip.compress(b"a,b\n")],
    ids=["plain", "too narrow", "no numbers"],  # a compressed text holds the time of day
)
def test_broken_data_are_explained(tmp_path, content):
    path = tmp_path / "digits.csv.gz"
    path.write_bytes(content)
    with pytest.raises(SymflowError, match="no table of digits"):
        digits.load(path)


def loss_of(parameters, X, Y):
    W1, b1, W2, b2 = parameters
    logits = jax.nn.relu(X @ W1 + b1) @ W2 + b2
    return -jnp.mean(jnp.sum(Y * jax.nn.log_softmax(logits), axis=1))


def test_a_step_is_that_of_jax(data):
    X, Y = data.train_images[:50], data.train_labels[:50]
    generator = np.random.default_rng(3)
    state = [
        p + 0.1 * generator.standard_normal(p.shape).astype("float32") for p in digits.initial()
    ]
    half = len(state) // 2
    loss, *new = digits.training_step(digits.network())(X, Y, *state)
    value, gradients = jax.value_and_grad(loss_of)(state[:half], X, Y)
    assert float(loss) == pytest.approx(float(value), rel=1e-5)
    for k, gradient in enumerate(gradients):
        velocity = digits.MOMENTUM * state[half + k] - digits.RATE * gradient
        np.testing.assert_allclose(np.asarray(new[half + k]), velocity, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(np.asarray(new[k]), state[k] + velocity, rtol=1e-4, atol=1e-6)


def test_training_learns_and_repeats(data):
    first = list(digits.train(data, 8))
    second = list(digits.train(data, 8))
    assert [epoch.number for epoch in first] == list(range(1, 9))
    assert first[-1].train_loss < first[0].train_loss / 5
    assert first[-1].test_accuracy > 0.9
    assert first == second
