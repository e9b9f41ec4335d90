"""Dotted names: scopes, attributes, modules, sections; the names that a formula needs."""

import pytest

from symflow.language import free_names, parse_tree
from symflow.language.names import dotted_base, function_key, split_known, without_module


@pytest.mark.parametrize(
    ("dotted", "base", "rest"),
    [
        ("w", "w", ()),
        ("w.T", "w", ("T",)),
        ("encoder.W", "encoder.W", ()),
        ("encoder.W.T.shape", "encoder.W", ("T", "shape")),
        ("x.sum", "x", ("sum",)),
    ],
)
def test_a_name_ends_where_a_known_attribute_begins(dotted, base, rest):
    assert dotted_base(dotted) == (base, rest)


def test_the_longest_known_name_wins():
    known = {"encoder", "encoder.W", "encoder.W.T"}
    assert split_known("encoder.W.T", known.__contains__) == ("encoder.W.T", ())
    assert split_known("encoder.b.T", known.__contains__) == ("encoder", ("b", "T"))
    assert split_known("decoder.W", known.__contains__) is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("np.sum", "sum"),
        ("numpy.linalg.inv", "linalg.inv"),
        ("jnp.exp", "exp"),
        ("snp.exp", "exp"),
        ("jax.numpy.exp", "exp"),
        ("jax.nn.softmax", "nn.softmax"),
        ("sf.nn.softmax", "nn.softmax"),
        ("jax.scipy.special.erf", "special.erf"),
        ("scipy.linalg.inv", "linalg.inv"),
        ("exp", None),
        ("linalg.inv", None),
        ("np", None),
    ],
)
def test_modules_in_front_are_understood(written, name):
    assert without_module(written) == name


@pytest.mark.parametrize(
    ("written", "syntax", "key"),
    [
        ("sum", "numpy", "sum"),
        ("inv", "numpy", "linalg.inv"),
        ("linalg.inv", "numpy", "linalg.inv"),
        ("np.linalg.inv", "numpy", "linalg.inv"),
        ("np.inv", "numpy", None),
        ("softmax", "blackboard", "nn.softmax"),
        ("tr", "blackboard", "trace"),
        ("tr", "numpy", None),
        ("nn.inv", "numpy", None),
        ("nothing", "numpy", None),
    ],
)
def test_functions_are_found_by_section(written, syntax, key):
    functions = {"sum", "trace", "linalg.inv", "nn.softmax"}
    assert function_key(written, functions, syntax) == key


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("X @ w - y", ("X", "w", "y")),
        ("b + a + b", ("b", "a")),
        ("sum(x) + x.mean() + linalg.trace(A) + nn.max(b)", ("x", "A", "b")),
        ("t = a; t + b", ("a", "b")),
        ("t = t + a; t", ("t", "a")),
        ("np.pi + pi + inf + x.astype(float32)", ("x",)),
        ("encoder.W.T @ encoder.b", ("encoder.W", "encoder.b")),
        ("f(k=x[i:, None])", ("x", "i")),
        ("1 + 2", ()),
    ],
)
def test_free_names_in_the_order_of_the_text(text, names):
    assert free_names(parse_tree(text)) == names
