"""Train a dense network on handwritten digits, with gradients derived symbolically.

Run it from the root of the checkout::

    python examples/digits.py [EPOCHS]
"""

import sys

from symflow.frontend import digits


def main(epochs: int) -> float:
    """Print model, gradients and progress; return the test accuracy at the end."""
    model = digits.network()
    print(f"loss = {model.loss}\n")
    for name, gradient in zip(model.gradient_names, model.gradients, strict=True):
        print(f"{name} =\n{gradient}\n")
    print(digits.training_step(model).source)

    accuracy = 0.0
    for epoch in digits.train(digits.load(digits.find()), epochs, model=model):
        accuracy = epoch.test_accuracy
        if epoch.number % 10 == 0 or epoch.number == epochs:
            print(f"epoch {epoch.number}: loss {epoch.train_loss:.4f}, accuracy {accuracy:.1%}")
    return accuracy


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
