"""Text where no text belongs is never evaluated, whatever function and argument it reaches."""

import builtins
import inspect
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

import symflow as sf
import symflow.numpy as snp

NAMESPACES = (snp, snp.linalg, snp.fft, sf.nn, sf.special, sf.linalg, sf.stats)
MARK = "symflow_evaluated_a_text"
TEXT = f"__import__('builtins').__setattr__('{MARK}', True) or 1"
# By name, not by place: both spellings reach the same code.
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)

A, x = sf.matrix("A", 3, 3), sf.vector("x", "n")


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for namespace in NAMESPACES:
        for name, value in vars(namespace).items():
            if not name.startswith("_") and callable(value) and not inspect.isclass(value):
                yield f"{namespace.__name__}.{name}", value


def calls(function: Callable[..., Any]) -> Iterator[tuple[str, list[Any], dict[str, Any]]]:
    """The text in the place of each argument in turn, alone and in a tuple, beside good ones."""
    parameters = [
        p for p in inspect.signature(function).parameters.values() if p.kind not in VARIADIC
    ]
    needed = [p for p in parameters if p.default is p.empty and p.kind is not p.KEYWORD_ONLY]
    for good in (A, x, 2):
        for parameter in parameters:
            for text in (TEXT, (TEXT,)):
                arguments = [text if p is parameter else good for p in needed]
                named = {} if parameter in needed else {parameter.name: text}
                yield parameter.name, arguments, named


def evaluated() -> bool:
    seen = hasattr(builtins, MARK)
    if seen:
        delattr(builtins, MARK)
    return seen


def attempt(function: Callable[..., Any], *arguments: Any, **named: Any) -> None:
    with suppress(Exception):  # any refusal will do: what counts is what was evaluated
        function(*arguments, **named)


def test_the_text_would_be_seen() -> None:
    assert not evaluated()
    eval(TEXT)
    assert evaluated()


def test_functions_evaluate_no_text() -> None:
    found = set()
    for name, function in functions():
        for parameter, arguments, named in calls(function):
            attempt(function, *arguments, **named)
            if evaluated():
                found.add(f"{name}: {parameter}")
    assert not found


@pytest.mark.parametrize(
    "use",
    [
        lambda text: A[text],
        lambda text: A[text:],
        lambda text: A[(text,)],
        lambda text: A.at[text].set(1),
        lambda text: A.at[0].set(text),
        lambda text: A + text,
        lambda text: text @ A,
        lambda text: A**text,
        lambda text: A.reshape(text),
        lambda text: A.astype(text),
        lambda text: A.sum(axis=text),
        lambda text: A.subs(text, 1),
        lambda text: x.subs(sf.dim("n"), text),
        lambda text: x.subs({"n": text}),
        lambda text: A.subs({A: (text,)}),
        lambda text: A.replace(text, text),
        lambda text: snp.sin(x).subs(x, [text]),
        lambda text: A.xreplace({A: text}),
        lambda text: A.diff(text),
        lambda text: text == A,
        lambda text: sf.dim(text),
        lambda text: sf.vector("q", text),
        lambda text: sf.scalar(text),
        lambda text: sf.parse(text),
        lambda text: sf.from_sympy(text),
        lambda text: sf.grad(snp.sum(A), text),
        lambda text: sf.simplify(text),
        lambda text: sf.simplify(A @ A, sizes={text: text}),
        lambda text: sf.lower(text),
        lambda text: sf.verify(text, text),
        lambda text: sf.vmap(lambda z: z, in_axes=text)(A),
    ],
)
def test_methods_and_verbs_evaluate_no_text(use: Callable[[Any], Any]) -> None:
    attempt(use, TEXT)
    assert not evaluated()


@pytest.mark.parametrize("name", [name for name in dir(sf.Tensor) if not name.startswith("_")])
def test_inherited_methods_evaluate_no_text(name: str) -> None:
    for node in (A, snp.sin(x), A + A.T):
        method = getattr(type(node), name)
        if callable(method):
            for given in ((TEXT,), ((TEXT,),), (node, TEXT), ({TEXT: TEXT},)):
                attempt(method, node, *given)
    assert not evaluated()
