"""Layers as loops: the same values as line by line, for layered graphs of any kind."""

import re

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import symflow as sf
import symflow.numpy as snp
from symflow.api.layers import swept
from symflow.lowering import Program, write
from symflow.lowering.rolling import rolled
from symflow.lowering.rolling_orbits import shifts
from symflow.lowering.rolling_sheet import Sheet
from tests.benchmarks.models import dense, gradient, recurrent, transformer

SIZES = {"n": 3, "d": 4, "k": 5, "t": 6, "h": 2, "e": 3, "f": 7}
n, d, k = sf.dims("n d k")


def drawn(program, seed=0):
    rng = np.random.default_rng(seed)
    shapes = [[s if isinstance(s, int) else SIZES[s.name] for s in x.shape] for x in program.inputs]
    return [0.3 * rng.normal(size=shape) for shape in shapes]


def plain(expressions, inputs):
    """Line by line, with NumPy."""
    written = write(list(expressions), inputs, precision="float64", backend="numpy")
    return Program(written, many=True)


def check(expressions, program, rtol=1e-9):
    args = drawn(program)
    expected = plain(expressions, program.inputs)(*args)
    for ours, theirs in zip(program(*args), expected, strict=True):
        np.testing.assert_allclose(
            np.asarray(ours), theirs, rtol=rtol, atol=rtol * max(1e-3, abs(theirs).max(initial=0.0))
        )


# ------------------------------------------------------------------------------ whole models


@pytest.mark.parametrize(
    ("model", "depth"),
    [(dense, 6), (recurrent, 6), (transformer, 6)],
    ids=["dense", "recurrent", "transformer"],
)
def test_value_and_gradient_are_those_of_the_program_line_by_line(model, depth):
    expressions = gradient(model(depth, "v"))
    program = sf.lower(*expressions, precision="float64", roll="scan")
    assert program.source.count("jax.lax.scan(") == 2
    assert "reverse=True" in program.source
    check(expressions, program)


@pytest.mark.parametrize(
    ("model", "depth"),
    [(dense, 6), (recurrent, 6), (transformer, 5)],
    ids=["dense", "recurrent", "transformer"],
)
def test_calls_of_one_layer_give_value_and_gradient(model, depth):
    expressions = gradient(model(depth, "z"))
    program = sf.lower(*expressions, precision="float64", roll="calls")
    assert "lax.scan" not in program.source
    assert program.source.count("@jax.jit\ndef layer") == 2
    assert program.source.count("    for ") == 2
    check(expressions, program)


def test_a_call_by_name_gives_the_same():
    expressions = gradient(recurrent(5, "c"))
    program = sf.lower(*expressions, precision="float64", roll="scan")
    args = drawn(program)
    named = dict(zip((p.full_name for p in program.inputs), args, strict=True))
    for ours, theirs in zip(program(*args), program(**named), strict=True):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))


def test_sums_over_layers_are_kept_up_in_the_loop():
    expressions = gradient(recurrent(9, "s"))
    scans = rolled(swept(expressions), 4).scans
    backward = scans[-1]
    assert backward.backwards
    assert len([v for v in backward.carries if v.name.startswith("total")]) == 3
    assert not backward.kept


def test_slices_of_one_array_are_read_as_they_lie():
    program = sf.lower(*gradient(recurrent(9, "l")), roll="scan")
    assert re.search(r"Xl(\[[\d:]+\])?\[:, None\]", program.source)
    assert "stacked(" not in program.source


def test_calls_take_the_parameters_as_they_are():
    program = sf.lower(*gradient(dense(6, "o")), roll="calls")
    functions, driver = program.source.split("\ndef program(")
    assert "(W0o, W1o, W2o, W3o, W4o, W5o,)" in driver
    assert "stack" not in program.source
    assert "W3o" not in functions.partition('"""\n\n')[2]


def test_what_is_kept_has_the_sign_that_readers_ask_for():
    """Gradients come out of the loops as they are, not turned one by one around them."""
    program = sf.lower(*gradient(transformer(6, "t")), roll="calls")
    around = re.findall(r"def (?:before|between|after).*?return (.*?)\n\n\n", program.source, re.S)
    assert not re.search(r"-kept\w*_\d+,", "".join(around))


def test_parameters_are_stacked_outside_what_is_compiled():
    program = sf.lower(*gradient(dense(6, "o")), roll="scan")
    compiled, driver = program.source.split("\ndef program(")
    assert "stacked(W0o" in driver
    assert "stack(" not in compiled.split("def computed(")[1]


# ------------------------------------------------------------------------------- depth


def test_a_chain_longer_than_xla_compiles_is_rolled():
    x = sf.vector("x", n)
    y = x
    for _ in range(2600):
        y = snp.sin(y) + x
    program = sf.lower(y, precision="float64")
    value = expected = np.linspace(0.1, 0.5, 3)
    for _ in range(2600):
        expected = np.sin(expected) + value
    np.testing.assert_allclose(np.asarray(program(value)), expected, rtol=1e-9)


def test_a_chain_without_layers_is_refused():
    rng = np.random.default_rng(0)
    x = sf.vector("x", n)
    y = x
    for kind in rng.integers(0, 3, size=5200):
        y = (snp.sin, snp.cos, snp.tanh)[kind](y)
    with pytest.raises(sf.LoweringError, match="serial chain"):
        sf.lower(y)


def test_numpy_stays_line_by_line():
    expressions = gradient(dense(6, "p"))
    program = sf.lower(*expressions, precision="float64", backend="numpy", roll="scan")
    assert "scan" not in program.source
    check(expressions, program)


# --------------------------------------------------------------------------- what is found


def test_layers_that_differ_in_sign_and_order_are_the_same():
    """The canonical form of ``h - mean(h)`` turns with the names of what is below."""
    h = sf.matrix("H", n, d)
    weights = [sf.matrix(f"G{j}", d, d) for j in range(8)]
    x = h
    for W in weights:
        x = x + snp.tanh((x - snp.mean(x, axis=1, keepdims=True)) @ W)
    sheet = Sheet([snp.sum(x)])
    (shift,) = shifts(sheet, 4)
    assert max(map(len, shift.orbits())) == 8
    (scan,) = rolled([x], 4).scans
    assert scan.count == 8


def test_a_layer_of_another_kind_parts_the_loops():
    x = h = sf.matrix("H", n, d)
    weights = [sf.matrix(f"P{j}", d, d) for j in range(12)]
    for j, W in enumerate(weights):
        x = snp.exp(-(x @ W)) if j == 6 else snp.tanh(x @ W)
    found = rolled([x], 4)
    assert sorted(scan.count for scan in found.scans) in ([5, 6], [6], [5])
    expressions = [snp.sum(x), sf.grad(snp.sum(x), h)]
    check(expressions, sf.lower(*expressions, precision="float64", roll="scan"))


def test_what_looks_alike_but_is_no_chain_is_left():
    x = sf.vector("x", n)
    assert not rolled([snp.sin(snp.exp(j * x)) for j in range(1, 9)], 4).scans


def test_two_layers_back_are_carried_along():
    x = y = sf.matrix("H", n, d)
    before = sf.matrix("B", n, d)
    for j in range(9):
        before, y = y, snp.tanh(y @ sf.matrix(f"R{j}", d, d)) + before
    (scan,) = rolled([y], 4).scans
    assert len(scan.carries) == 2
    expressions = [snp.sum(y), sf.grad(snp.sum(y), x)]
    check(expressions, sf.lower(*expressions, precision="float64", roll="scan"))


# ------------------------------------------------------------------------ random layers


@st.composite
def layered_graphs(draw):
    """A stack of random layers: tied and own weights, skips, residuals, an odd layer here or there.

    Returns:
        The last value and what to differentiate by.
    """
    depth = draw(st.integers(4, 8))
    steps = draw(st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=3))
    tied = draw(st.booleans())
    skip = draw(st.sampled_from([0, 0, 1, 2, 3]))
    odd = draw(st.sampled_from([None, None, 0, 2, depth - 1]))
    swap = draw(st.booleans())
    x = h = sf.matrix("x", n, d)
    parameters, history = [], [x]
    for layer in range(depth):
        name = "" if tied else str(layer)
        W, b = sf.matrix(f"W{name}", d, d), sf.vector(f"b{name}", d)
        parameters += [] if tied and layer else [W, b]
        below = h
        for step in steps:
            h = STEPS[step](h, W, b)
        h = below - h if swap else h + below / 2
        if skip and len(history) > skip:
            h = h + history[-1 - skip]
        if layer == odd:
            h = snp.cos(h)
        history.append(h)
    return snp.mean(h * h) + snp.sum(history[2]), [x, *parameters]


STEPS = {
    "affine": lambda h, W, b: h @ W + b,
    "tanh": lambda h, W, b: snp.tanh(h),
    "gate": lambda h, W, b: h * snp.sin(h @ W.T),
    "norm": lambda h, W, b: (h - snp.mean(h, axis=1, keepdims=True)) * b,
    "scale": lambda h, W, b: b * h / snp.sqrt(1 + snp.mean(h**2, axis=-1, keepdims=True)),
}


@settings(max_examples=5, deadline=None, derandomize=True)
@given(layered_graphs())
def test_random_layers_give_the_same_with_and_without_loops(model):
    f, parameters = model
    expressions = [f, *sf.grad(f, parameters)]
    found = rolled(swept(expressions), 4)
    for form in (found, found.called()):
        written = write(
            list(form.roots), None, precision="float64", asked=expressions, scans=form.scans
        )
        check(expressions, Program(written, many=True))
