"""Write the generated parts of the documentation: the picture in the README."""

from pathlib import Path

import symflow as sf
from symflow.frontend import digits

HERE = Path(__file__).resolve().parent


def network_picture() -> str:
    """The data flow of the network of the demo."""
    model = digits.network()
    title = "A dense network with softmax cross-entropy"
    return sf.graph(model.loss, names=model.names).svg(title)


if __name__ == "__main__":
    (HERE / "network.svg").write_text(network_picture(), encoding="utf-8")
    print(f"wrote {HERE / 'network.svg'}")
