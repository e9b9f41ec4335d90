"""A dense network that reads handwritten digits: the model, its data, and its training.

The updates of the parameters are expressions too, lowered together with loss and gradients into
one program: a step of training is one call.
"""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

import symflow as sf
from symflow import nn
from symflow import numpy as snp
from symflow.errors import SymflowError

FILE = Path("examples", "data", "digits.csv.gz")
PIXELS, CLASSES, HIDDEN = 64, 10, 64
BATCH = 120
RATE, MOMENTUM = 0.15, 0.9
TEST_SHARE = 0.2

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Digits:
    """Images as rows of 64 pixels from 0 to 1, and labels as rows with a single 1."""

    train_images: Array
    train_labels: Array
    test_images: Array
    test_labels: Array


def find(given: Path | None = None) -> Path:
    """Where the digits are: as given, in the checkout of this package, or below the work folder.

    Raises:
        SymflowError: when they are in none of these places.
    """
    checkout = Path(__file__).resolve().parents[2]
    places = [given] if given else [checkout / FILE, Path.cwd() / FILE]
    for place in places:
        if place.is_file():
            return place
    looked = ", ".join(str(place) for place in places)
    raise SymflowError(
        f"the handwritten digits are not there: {looked}; they come with the source of symflow "
        f"as {FILE}: run from its folder, or name the file (--data on the command line)"
    )


def load(path: Path, seed: int = 0) -> Digits:
    """Read the digits and hold a fifth of them back for the test, drawn at random.

    Args:
        path: a gzipped table of 64 pixels (0 to 16) and the digit a line.
        seed: of the draw.

    Raises:
        SymflowError: when the file is no such table.
    """
    try:
        with gzip.open(path, "rt", encoding="ascii", newline="") as file:
            table = np.array(list(csv.reader(io.StringIO(file.read()))), dtype=np.float32)
    except (OSError, ValueError, EOFError) as error:
        raise SymflowError(f"{path} is no table of digits: {error}") from None
    if table.ndim != 2 or table.shape[1] != PIXELS + 1:
        raise SymflowError(f"{path} is no table of digits: each line holds {PIXELS + 1} numbers")
    order = np.random.default_rng(seed).permutation(len(table))
    images = table[order, :PIXELS] / 16
    labels = np.eye(CLASSES, dtype=np.float32)[table[order, PIXELS].astype(int)]
    held = round(TEST_SHARE * len(table))
    return Digits(images[held:], labels[held:], images[:held], labels[:held])


@dataclass(frozen=True)
class Network:
    """``relu(X W1 + b1) W2 + b2`` with softmax cross-entropy on a batch of n images."""

    X: Any
    Y: Any
    parameters: tuple[Any, ...]
    activation: Any
    hidden: Any
    logits: Any
    loss: Any

    @cached_property
    def gradients(self) -> tuple[Any, ...]:
        """The gradient of the loss by each parameter."""
        return tuple(sf.grad(self.loss, list(self.parameters)))

    @property
    def names(self) -> dict[str, Any]:
        """Names for parts of the model."""
        return {
            "activation": self.activation,
            "hidden": self.hidden,
            "logits": self.logits,
            "loss": self.loss,
        }

    @property
    def layers(self) -> dict[Any, Any]:
        """Variables that stand for the layers where formulas are shown."""
        named = {"A": self.activation, "H": self.hidden, "Z": self.logits}
        return {layer: sf.matrix(name, *layer.shape) for name, layer in named.items()}

    @property
    def gradient_names(self) -> tuple[str, ...]:
        """``dW1`` and so on."""
        return tuple(f"d{parameter.name}" for parameter in self.parameters)


def network() -> Network:
    """The model, with sizes as names: n images, d pixels, h hidden units, k classes."""
    n, d, h, k = sf.dims("n d h k")
    X, Y = sf.matrix("X", n, d), sf.matrix("Y", n, k, one_hot=True)
    W1, b1 = sf.matrix("W1", d, h), sf.vector("b1", h)
    W2, b2 = sf.matrix("W2", h, k), sf.vector("b2", k)
    activation = X @ W1 + b1
    hidden = nn.relu(activation)
    logits = hidden @ W2 + b2
    loss = -snp.sum(Y * nn.log_softmax(logits)) / n
    return Network(X, Y, (W1, b1, W2, b2), activation, hidden, logits, loss)


def training_step(model: Network) -> Any:
    """One step of gradient descent with momentum as a program.

    Inputs are images, labels, the parameters and their velocities (``vW1`` ...); results are the
    loss before the step, the new parameters and the new velocities.
    """
    velocities = [
        sf.tensor(f"v{parameter.name}", *parameter.shape) for parameter in model.parameters
    ]
    faster = [
        MOMENTUM * velocity - RATE * gradient
        for velocity, gradient in zip(velocities, model.gradients, strict=True)
    ]
    moved = [parameter + v for parameter, v in zip(model.parameters, faster, strict=True)]
    inputs = [model.X, model.Y, *model.parameters, *velocities]
    return sf.lower(model.loss, *moved, *faster, inputs=inputs)


def initial(seed: int = 0, sizes: Mapping[str, int] | None = None) -> list[Array]:
    """Parameters to begin with (He's scaling for relu) and velocities of 0."""
    known = {"d": PIXELS, "h": HIDDEN, "k": CLASSES} | dict(sizes or {})
    generator = np.random.default_rng(seed)

    def drawn(rows: int, columns: int) -> Array:
        scale = np.sqrt(2 / rows)
        weights: Array = (scale * generator.standard_normal((rows, columns))).astype(np.float32)
        return weights

    d, h, k = known["d"], known["h"], known["k"]
    parameters = [drawn(d, h), np.zeros(h, np.float32), drawn(h, k), np.zeros(k, np.float32)]
    return parameters + [np.zeros_like(parameter) for parameter in parameters]


@dataclass(frozen=True)
class Epoch:
    """What is known after a round of training."""

    number: int
    train_loss: float
    test_loss: float
    test_accuracy: float


def train(
    data: Digits, epochs: int, seed: int = 0, model: Network | None = None
) -> Iterator[Epoch]:
    """Train the network, yielding the figures after each round.

    Args:
        data: the digits.
        epochs: rounds over all training images.
        seed: of the initial parameters and the order of images.
        model: the network, where its gradients have been taken already.
    """
    model = model or network()
    step = training_step(model)
    evaluate = sf.lower(model.loss, model.logits, inputs=[model.X, model.Y, *model.parameters])
    state: list[Any] = list(initial(seed))
    generator = np.random.default_rng(seed)
    for number in range(1, epochs + 1):
        losses = []
        order = generator.permutation(len(data.train_images))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            loss, *state = step(data.train_images[batch], data.train_labels[batch], *state)
            losses.append(loss)
        half = len(state) // 2
        test_loss, logits = evaluate(data.test_images, data.test_labels, *state[:half])
        right = np.argmax(np.asarray(logits), axis=1) == np.argmax(data.test_labels, axis=1)
        mean = float(np.mean([float(loss) for loss in losses]))
        yield Epoch(number, mean, float(test_loss), float(np.mean(right)))
