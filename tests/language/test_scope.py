"""What a name finds, and what is said when it finds nothing."""

import pytest

from symflow.language import Name, Position
from symflow.language.faults import Fault
from symflow.language.scope import Method, Scope

NAMES = {"w": 1, "encoder": 2, "encoder.W": 3, "np_like": 4, "sum": 5}
FUNCTIONS = {"sum": sum, "linalg.inv": abs, "nn.softmax": max, "trace": min}


def scope(syntax="numpy", names=NAMES):
    return Scope(names, FUNCTIONS, {"pi": 3.14, "inf": 9.0}, syntax)


def name(text):
    return Name(Position(0, 1, 1), text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("w", (1, ())),
        ("w.T", (1, ("T",))),
        ("encoder.W.T", (3, ("T",))),
        ("encoder.b", (2, ("b",))),
        ("pi", (3.14, ())),
        ("np.pi", (3.14, ())),
        ("sum", (5, ())),
    ],
)
def test_values(text, found):
    assert scope().value(name(text)) == found


def test_assigned_names_hide_others():
    here = scope()
    here.assign("w", 10)
    here.assign("pi", 3)
    assert here.value(name("w")) == (10, ())
    assert here.value(name("pi")) == (3, ())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sum", sum),
        ("np.sum", sum),
        ("inv", abs),
        ("jnp.linalg.inv", abs),
        ("softmax", max),
        ("jax.nn.softmax", max),
        ("w.sum", Method((1, ()), "sum")),
        ("encoder.W.T.sum", Method((3, ("T",)), "sum")),
    ],
)
def test_functions_and_methods(text, found):
    assert scope().function(name(text)) == found


def test_a_variable_may_be_called_like_a_module():
    here = scope(names={"np": 7})
    assert here.function(name("np.sum")) == Method((7, ()), "sum")
    assert here.value(name("np.T")) == (7, ("T",))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("v", "there is no name 'v' here", "known names: w, encoder, encoder.W, np_like, sum"),
        ("encodr.W", "there is no name 'encodr.W' here", "did you mean `encoder.W`?"),
        ("W", "there is no name 'W' here", "did you mean `w`?"),
        ("trace", "'trace' is a function", "write trace(...)"),
        ("np.w", "there is no name 'np.w' here", "did you mean `w`?"),
    ],
)
def test_an_unknown_name(text, message, hint):
    with pytest.raises(Fault) as caught:
        scope().value(name(text))
    assert (caught.value.message, caught.value.suggestion) == (message, hint)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("w", "'w' is not a function", "did you mean the product `w*(...)`?"),
        ("sofmax", "there is no function 'sofmax' here", "did you mean `softmax`?"),
        ("nn.sofmax", "there is no function 'nn.sofmax' here", "did you mean `nn.softmax`?"),
        ("np.summ", "there is no function 'np.summ' here", "did you mean `sum`?"),
        ("zzzz", "there is no function 'zzzz' here", ""),
        ("tr", "there is no function 'tr' here", ""),
    ],
)
def test_an_unknown_function(text, message, hint):
    with pytest.raises(Fault) as caught:
        scope().function(name(text))
    assert (caught.value.message, caught.value.suggestion) == (message, hint)


@pytest.mark.parametrize(
    ("text", "hint"), [("T", "the transpose is X'"), ("I", "the identity is eye(n)")]
)
def test_the_blackboard_writes_some_things_otherwise(text, hint):
    with pytest.raises(Fault) as caught:
        scope("blackboard").value(name(text))
    assert caught.value.suggestion == hint


def test_many_known_names_are_cut():
    with pytest.raises(Fault) as caught:
        scope(names={f"a{i}": i for i in range(20)}).value(name("zzz"))
    assert caught.value.suggestion == "known names: a0, a1, a2, a3, a4, a5, a6, a7, ..."
