"""Shapes from formulas: what they decide, and what they leave open."""

import pytest

from symflow.language import infer_shapes, parse_tree

DATA = {"X": ("n", "d")}


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("X*w - y", {"w": ("d",), "y": ("n",)}),
        ("sum((X*w - y).^2)", {"w": ("d",), "y": ("n",)}),
        ("norm(X*w - y)^2 + lam*norm(w)^2", {"w": ("d",), "y": ("n",)}),
        ("w'*X'*X*w", {"w": ("d",)}),
        ("y'*X*w", {"y": ("n",), "w": ("d",)}),
        ("w.T*X", {"w": ("n",)}),
        ("c*X", {"c": ()}),
        ("X*w/m", {"w": ("d",), "m": ()}),
        ("sum(log(1 + exp(-y.*(X*w))))", {"y": ("n",), "w": ("d",)}),
        ("tr(X*B)", {"B": ("d", "n")}),
        ("t = X*w; r = t - y; r'*r", {"w": ("d",), "y": ("n",)}),
        ("sigmoid(X*w)' * y", {"w": ("d",), "y": ("n",)}),
        ("X*W + b'", {}),
        ("X*W - Y", {}),
        ("X*w + f(z)", {"w": ("d",)}),
        ("maximum(0, y - X*w)", {"w": ("d",), "y": ("n",)}),
        ("X.^a", {}),
    ],
)
def test_blackboard(text, shapes):
    assert infer_shapes(parse_tree(text, "blackboard"), DATA) == shapes


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("X @ w - y", {"w": ("d",), "y": ("n",)}),
        ("sum((X @ w - y)**2)", {"w": ("d",), "y": ("n",)}),
        ("X.T @ (X @ w - y)", {"w": ("d",), "y": ("n",)}),
        ("x @ X @ y", {"x": ("n",), "y": ("d",)}),
        ("w.T @ X", {"w": ("n",)}),
        ("a * X", {}),
        ("X + b", {"b": ("d",)}),
        ("X < M", {"M": ("n", "d")}),
        ("linalg.inv(X.T @ X + R)", {"R": ("d", "d")}),
        ("(X @ w).sum() + c", {"w": ("d",)}),
        ("sum(X @ w, axis=0) - y", {"w": ("d",)}),
    ],
)
def test_numpy(text, shapes):
    assert infer_shapes(parse_tree(text), DATA) == shapes


@pytest.mark.parametrize(
    ("text", "known", "shapes"),
    [
        ("x'*A*x", {"A": ("n", "n")}, {"x": ("n",)}),
        ("x'*A*x", {"x": ("n",)}, {"A": ("n", "n")}),
        ("U*V' - T", {"U": ("m", "k"), "T": ("m", "n")}, {"V": ("n", "k")}),
        ("A*X*B - C", {"A": ("p", "m"), "B": (3, 4)}, {"X": ("m", 3), "C": ("p", 4)}),
        ("x*y'*z", {"x": ("n",), "z": ("m",)}, {"y": ("m",)}),
        ("logdet(S)", {"S": ("n",)}, {}),
        ("T3 + U", {"T3": (2, 3, 4)}, {"U": (2, 3, 4)}),
        ("a + b", {"a": ()}, {}),
        ("x", {}, {}),
        ("x'*y", {}, {}),
    ],
)
def test_from_other_knowledge(text, known, shapes):
    assert infer_shapes(parse_tree(text, "blackboard"), known) == shapes


def test_what_disagrees_is_left_to_building():
    known = {"X": ("n", "d"), "w": ("m",), "y": ("n", "n")}
    assert infer_shapes(parse_tree("X*w - y", "blackboard"), known) == {}


def test_scoped_names_have_shapes_and_assigned_ones_are_no_unknowns():
    tree = parse_tree("h = encoder.W @ x; h + encoder.b")
    assert infer_shapes(tree, {"encoder.W": (2, 3)}) == {"x": (3,), "encoder.b": (2,)}


def test_a_deep_formula():
    text = "X*w" + " - y" * 10_000
    assert infer_shapes(parse_tree(text, "blackboard"), DATA) == {"w": ("d",), "y": ("n",)}
