"""Data types: names, and promotion as in JAX with 64 bits."""

import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from symflow.core.dtypes import (
    NAMES,
    at_least_float,
    at_least_int,
    canonical,
    count_type,
    kind,
    promote,
    real_part,
    with_python_scalar,
)
from symflow.errors import DTypeError
from tests.oracle import dtype_of

PYTHON = {"bool": True, "int": 1, "float": 1.0, "complex": 1j}


@pytest.fixture(autouse=True)
def _in_64_bits():
    import jax

    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize("a", NAMES)
@pytest.mark.parametrize("b", NAMES)
def test_promotion_is_that_of_jax(a, b):
    expected = jnp.promote_types(dtype_of(a), dtype_of(b))
    assert dtype_of(promote(a, b)) == expected
    assert promote(a, b) == promote(b, a)
    assert promote(a, b, a) == promote(a, b)


def test_promotion_is_associative_among_abstract_types():
    for a in NAMES:
        for b in NAMES:
            for c in NAMES:
                left = dtype_of(promote(promote(a, b), c))
                assert left == dtype_of(promote(a, promote(b, c)))


def test_abstract_types_absorb():
    assert promote("float", "float32") == promote("float", "float64") == "float"
    assert promote("int", "int64") == "int"
    assert promote("complex64", "float") == "complex"
    assert promote("complex64", "float64") == "complex128"
    assert promote("int64", "float16") == "float16"


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize("scalar", PYTHON)
def test_literals_are_weakly_typed(dtype, scalar):
    expected = (jnp.ones(2, dtype_of(dtype)) * PYTHON[scalar]).dtype
    assert dtype_of(with_python_scalar(dtype, scalar)) == expected


@pytest.mark.parametrize("dtype", NAMES)
def test_results_of_functions(dtype):
    ones = jnp.ones(2, dtype_of(dtype))
    if dtype != "bool":  # JAX makes float32 of bools, whatever the precision of the program
        assert dtype_of(at_least_float(dtype)) == jnp.exp(ones).dtype
        assert dtype_of(at_least_int(dtype)) == jnp.square(ones).dtype
    assert dtype_of(count_type(dtype)) == jnp.sum(ones).dtype
    assert dtype_of(real_part(dtype)) == jnp.abs(ones).dtype
    assert kind(at_least_float(dtype)) in ("float", "complex")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (bool, "bool"),
        (int, "int"),
        (float, "float"),
        (complex, "complex"),
        (np.float32, "float32"),
        (np.dtype("int64"), "int64"),
        (jnp.bfloat16, "bfloat16"),
        (ml_dtypes.bfloat16, "bfloat16"),
        (jnp.float32, "float32"),
        (np.bool_, "bool"),
        ("complex64", "complex64"),
        (np.int8, "int32"),
        (np.uint8, "int32"),
        (np.uint32, "int64"),
    ],
)
def test_names(given, name):
    assert canonical(given) == name


@pytest.mark.parametrize("given", ["double", "f4", object, np.uint64, np.dtype("S3"), None, 3])
def test_unknown_types(given):
    with pytest.raises(DTypeError, match=r"unknown dtype .*known: bool, int"):
        canonical(given)
