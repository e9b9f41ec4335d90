"""The demonstration from beginning to end, with fewer rounds of training."""

import runpy
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from symflow.frontend import demo, digits
from symflow.frontend.cli import main


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The folder that the demonstration wrote, what it printed, and its exit code."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # it finds its data wherever it is started
        patch.setenv("COLUMNS", "100")
        lines = []
        patch.setattr(demo, "screen", lambda: _Recorder(lines))
        code = main(["demo", "--out", str(folder / "files"), "--epochs", "12"])
    return folder / "files", "\n".join(lines), code


class _Recorder(demo.Console):
    def __init__(self, lines):
        super().__init__(record=True, soft_wrap=True, highlight=False, markup=False)
        self._lines = lines

    def print(self, *objects, **options):
        self._lines.extend(str(item) for item in objects)


def test_it_succeeds(shown):
    assert shown[2] == 0


def test_it_shows_ranks_levels_steps_and_figures(shown):
    text = shown[1]
    for word in ("matrix", "vector", "scalar", "levels", "FLOPs", "d-relu", "d-log-softmax"):
        assert word in text
    assert "H.T @ (nn.softmax(Z) - Y) / n" in text
    assert text.count("agrees with JAX") == 4
    assert "test accuracy 9" in text


@pytest.mark.parametrize("name", ["network.svg", "gradients.svg", "loss.svg"])
def test_pictures_are_well_formed(shown, name):
    assert ET.parse(shown[0] / name).getroot().tag.endswith("svg")


def test_the_latex_document_is_balanced(shown):
    text = (shown[0] / "derivation.tex").read_text()
    assert text.count(r"\begin{aligned}") == text.count(r"\end{aligned}") >= 4
    assert r"H = \operatorname{relu}\left(A\right)" in text
    assert text.count("{") == text.count("}")
    assert text.startswith(r"\documentclass")


def test_the_written_program_computes_the_gradients(shown):
    program = runpy.run_path(str(shown[0] / "gradients.py"))["program"]
    model = digits.network()
    state = digits.initial()[:4]
    data = digits.load(digits.find())
    images, labels = data.test_images[:20], data.test_labels[:20]
    values = dict(zip(("W1", "b1", "W2", "b2"), state, strict=True)) | {"X": images, "Y": labels}
    code = program.__code__
    results = program(*(values[name] for name in code.co_varnames[: code.co_argcount]))
    step = digits.training_step(model)
    loss, *_ = step(images, labels, *digits.initial())
    assert float(results[0]) == pytest.approx(float(loss), rel=1e-5)
    # the step from rest moves by the gradient
    moved = step(images, labels, *digits.initial())[1:5]
    for gradient, before, after in zip(results[1:], state, moved, strict=True):
        change = np.asarray(after) - before
        np.testing.assert_allclose(change, -digits.RATE * np.asarray(gradient), atol=1e-5)


def test_a_missing_data_file_is_a_usage_error(capsys, tmp_path):
    assert main(["demo", "--data", str(tmp_path / "none.gz"), "--out", str(tmp_path)]) == 2
    assert "--data" in capsys.readouterr().err


def test_too_few_rounds_fail(capsys, tmp_path):
    assert main(["demo", "--out", str(tmp_path), "--epochs", "1"]) == 1
    assert "below 95%" in capsys.readouterr().out
