"""Programs of several compiled functions: compiled ahead, measured, wrapped by JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow as sf
from tests.benchmarks.models import dense, gradient

DEPTH, N, D = 6, 8, 4


def made(tag, roll):
    program = sf.lower(*gradient(dense(DEPTH, tag)), roll=roll)
    rng = np.random.default_rng(0)
    sizes = {"n": N, "d": D}
    args = [
        jnp.asarray(0.3 * rng.normal(size=[sizes[s.name] for s in x.shape]), jnp.float32)
        for x in program.inputs
    ]
    return program, args


@pytest.fixture(scope="module")
def called():
    return made("ac", "calls")


@pytest.mark.parametrize("roll", ["calls", "scan"])
def test_a_call_finds_all_functions_compiled(roll, caplog):
    program, args = made(f"a{roll}", roll)
    compiled = program.compile(
        **{next(x.name for x in program.inputs if x.rank == 2): (D, D)}
        | {program.inputs[-1].name: (N, D)}
    )
    with jax.log_compiles():
        results = compiled(*args)
    assert "Finished XLA compilation" not in caplog.text
    assert len(results) == 1 + 2 * DEPTH


def test_memory_and_operations_are_those_of_all_calls(called):
    program, args = called
    compiled = program.compile(
        **{x.name: a.shape for x, a in zip(program.inputs, args, strict=True)}
    )
    parameters = DEPTH * (D * D + D)
    assert compiled.memory.inputs == 4 * (parameters + N * D)
    assert compiled.memory.outputs == 4 * (parameters + 1)
    assert compiled.memory.temporaries >= 4 * (DEPTH - 1) * N * D  # what the way back reads
    assert compiled.flops > 3 * (DEPTH - 1) * 2 * N * D * D


def test_jit_keeps_the_calls_of_one_function(called):
    program, args = called
    wrapped = jax.jit(lambda *given: program(*given))
    text = wrapped.lower(*args).as_text()
    assert text.count("func.func private @layer") <= 4  # one more where a result is not needed
    assert text.count("call @layer") == 2 * DEPTH - 1
    for ours, theirs in zip(wrapped(*args), program(*args), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-6)


def test_vmap_and_grad_go_through_calls(called):
    program, args = called
    value = lambda x: program(*args[:-1], x)[0]  # noqa: E731
    many = jax.vmap(value)(jnp.stack([args[-1], 2 * args[-1]]))
    np.testing.assert_allclose(many[1], value(2 * args[-1]), rtol=1e-5)
    first = jax.grad(lambda W: program(W, *args[1:])[0])(args[0])
    np.testing.assert_allclose(first, program(*args)[1], rtol=1e-3, atol=1e-6)


def test_a_report_tells_of_the_program_with_its_loops(called):
    program, args = called
    report = program.report(**{x.name: a.shape for x, a in zip(program.inputs, args, strict=True)})
    assert report.source == program.source_for(
        **{x.name: a.shape for x, a in zip(program.inputs, args, strict=True)}
    )
    assert report.plan["loop"] == 2
    assert report.flops > 3 * (DEPTH - 1) * 2 * N * D * D
    assert report.peak > 2 * 4 * DEPTH * (D * D + D)
    assert report.trade is None
