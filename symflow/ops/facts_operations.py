"""Facts about the results of operations, by a table."""

from collections.abc import Callable
from functools import lru_cache

from symflow.core import Apply, dtypes
from symflow.core.operation import Operation
from symflow.ops import (
    arithmetic,
    choice,
    composite,
    convolution,
    creation,
    cumulative,
    elementwise,
    facts_matrices,
    floating,
    linalg,
    quantiles,
    reduction,
    special,
)
from symflow.ops.facts_masks import of_choice, of_mask
from symflow.ops.known import ENTRIES, MATRICES, Facts, known
from symflow.ops.structure import CONCATENATE, PLACE, SLICE

_KEEPS_SIGN = frozenset(
    {
        *(elementwise.SINH, elementwise.TANH, elementwise.ARCTAN, elementwise.ARCSIN),
        *(elementwise.ARCSINH, elementwise.ARCTANH, elementwise.ERF, elementwise.EXPM1),
        *(elementwise.LOG1P, arithmetic.SIGN),
    }
)
# equal entries 0.0 and -0.0 may give different ones
_SEES_SIGN_OF_ZERO = frozenset({floating.SIGNBIT, floating.COPYSIGN, special.GAMMASGN})
_KEPT_BY_PRODUCTS = frozenset(
    {
        *("positive", "nonnegative", "nonzero", "integer"),
        *("zero_one", "in_unit_interval", "plus_minus_one"),
    }
)
_SIGNS = ("positive", "nonnegative", "negative", "nonpositive", "nonzero")
_BOUNDS = ("positive", "nonnegative", "in_unit_interval")


def of_operation(node: Apply) -> set[str]:
    """What follows from the record of the operation and from the operands."""
    operation = node.operation
    found = set(_of_record(operation))
    special = _SPECIAL.get(operation)
    if special is not None:
        found |= special(node)
    if operation in _KEEPS_SIGN:
        found |= known(node.operands[0]).intersection(_SIGNS)
    if operation.elementwise:
        found |= _elementwise_matrix(node)
    return found


@lru_cache(maxsize=1024)
def _of_record(operation: Operation) -> Facts:
    named = {"in_unit_interval" if f == "unit_interval" else f for f in operation.facts}
    return frozenset(named & (ENTRIES | MATRICES))


def _elementwise_matrix(node: Apply) -> set[str]:
    """Entrywise functions keep symmetry, and zeros where they map zero to zero."""
    if node.rank < 2 or not all(map(known, node.operands)):
        return set()
    if node.operation in _SEES_SIGN_OF_ZERO:
        return set()
    kept = {"symmetric"}
    if node.operation in _KEEPS_SIGN or "odd" in node.operation.facts:
        kept |= {"diagonal", "lower_triangular", "upper_triangular"}
    return set.intersection(kept, *(set(known(operand)) for operand in node.operands))


def _power(node: Apply) -> set[str]:
    (base,), (exponent,) = node.operands, node.params
    have = known(base)
    if "positive" in have or ("nonnegative" in have and exponent.is_negative):
        found = {"positive"}
    elif "nonnegative" in have or not exponent.is_integer:
        found = {"nonnegative"}
    elif exponent.is_even:
        found = {"positive"} if "nonzero" in have or exponent.is_negative else {"nonnegative"}
    else:
        found = set(have.intersection(_SIGNS))
    if exponent.is_positive and "in_unit_interval" in have:
        found.add("in_unit_interval")
    if exponent.is_integer and exponent.is_nonnegative and "integer" in have:
        found.add("integer")
    return found


def _absolute(node: Apply) -> set[str]:
    have = known(node.operands[0])
    found = {"nonnegative", *have.intersection(("integer",))}
    if "nonzero" in have:
        found.add("positive")
    if have.intersection(("in_unit_interval", "plus_minus_one")):
        found.add("in_unit_interval")
    return found


def _every(*names: str) -> Callable[[Apply], set[str]]:
    """The facts of these that all operands have."""

    def common(node: Apply) -> set[str]:
        kept = set(names)
        for operand in node.operands:
            kept &= known(operand)
        return kept

    return common


def _maximum(node: Apply) -> set[str]:
    found = _every(*ENTRIES)(node)
    for operand in node.operands:
        found |= known(operand).intersection(("positive", "nonnegative"))
    return found


def _minimum(node: Apply) -> set[str]:
    found = _every(*ENTRIES)(node)
    for operand in node.operands:
        found |= known(operand).intersection(("negative", "nonpositive"))
    return found


def _chosen(node: Apply) -> set[str]:
    kept = set(ENTRIES)
    for operand in node.operands[1:]:
        kept &= known(operand)
    return kept | of_choice(node)


def _same_entries(node: Apply) -> set[str]:
    return set(known(node.operands[0]).intersection(ENTRIES))


def _cast(node: Apply) -> set[str]:
    if dtypes.kind(node.dtype) == "bool":
        return set()
    have = set(known(node.operands[0]))
    if dtypes.kind(node.dtype) == "int":
        have &= {"nonnegative", "integer", "zero_one", "plus_minus_one", "in_unit_interval"}
    have &= ENTRIES | {"symmetric", "diagonal", "one_hot"}
    return have | of_mask(node.operands[0])


def _placed(node: Apply) -> set[str]:
    kept = {"nonnegative", "nonpositive", "integer", "zero_one", "in_unit_interval"}
    return kept & known(node.operands[0])


def _bounds_of_entries(node: Apply) -> set[str]:
    return set(known(node.operands[0]).intersection(_BOUNDS))


def _softmax(node: Apply) -> set[str]:
    return {"positive", "in_unit_interval"} | (
        {"simplex"} if node.params[0] == (node.rank - 1,) else set()
    )


def _inverse(node: Apply) -> set[str]:
    kept = {"symmetric", "antisymmetric", "positive_definite", "diagonal", "orthogonal"}
    kept |= {"lower_triangular", "upper_triangular", "positive_determinant", "permutation"}
    # a positive semidefinite matrix that has an inverse is positive definite
    have = set(known(node.operands[0]))
    found = {"invertible", *(kept & have)}
    if "positive_semidefinite" in have:
        found.add("positive_definite")
    if have & {"lower_triangular", "upper_triangular"}:
        found |= have & {"positive_diagonal"}
    return found


def _determinant(node: Apply) -> set[str]:
    have = known(node.operands[0])
    if "positive_determinant" in have:
        return {"positive"}
    if "positive_semidefinite" in have:
        return {"nonnegative"}
    return {"nonzero"} if "invertible" in have else set()


def _slogdet(node: Apply) -> set[str]:
    if node.params[0] == 1:
        return set()
    have = known(node.operands[0])
    found = {"integer"}
    if "positive_determinant" in have:
        found |= {"positive", "plus_minus_one"}
    elif "invertible" in have:
        found.add("plus_minus_one")
    return found


def _eigen(node: Apply) -> set[str]:
    if node.params[0] == 1:
        return {"orthogonal"}
    have = known(node.operands[0])
    if "positive_definite" in have:
        return {"positive"}
    return {"nonnegative"} if "positive_semidefinite" in have else set()


def _triangular_factor(node: Apply) -> set[str]:
    return {"orthogonal"} if node.params[0] == 0 else {"upper_triangular"}


_SPECIAL: dict[Operation, Callable[[Apply], set[str]]] = {
    arithmetic.SCALAR_POWER: _power,
    arithmetic.ABS: _absolute,
    arithmetic.CAST: _cast,
    arithmetic.SIGN: lambda node: (
        {"integer"} | ({"plus_minus_one"} if "nonzero" in known(node.operands[0]) else set())
    ),
    arithmetic.POWER: lambda node: {"positive"} & known(node.operands[0]),
    choice.MAXIMUM: _maximum,
    choice.MINIMUM: _minimum,
    choice.WHERE: _chosen,
    choice.HEAVISIDE: lambda node: {"in_unit_interval"} & known(node.operands[1]),
    composite.RELU: lambda node: (
        {"positive", "integer", "in_unit_interval"} & known(node.operands[0])
    ),
    composite.SOFTMAX: _softmax,
    composite.NORM: lambda node: {"positive"} & known(node.operands[0]),
    elementwise.FLOOR: lambda node: {"integer"} | ({"nonnegative"} & known(node.operands[0])),
    elementwise.CEIL: lambda node: (
        {"integer"} | ({"nonnegative", "positive"} & known(node.operands[0]))
    ),
    floating.ROUND: lambda node: (
        ({"nonnegative", "integer"} & known(node.operands[0]))
        | ({"integer"} if node.params[0] <= 0 else set())
    ),
    floating.TRUNC: lambda node: {"integer"} | ({"nonnegative"} & known(node.operands[0])),
    floating.LDEXP: lambda node: {"positive", "nonnegative"} & known(node.operands[0]),
    cumulative.CUMSUM: lambda node: (
        {"positive", "nonnegative", "negative", "nonpositive", "integer"} & known(node.operands[0])
    ),
    cumulative.CUMPROD: _every(*_KEPT_BY_PRODUCTS),
    quantiles.QUANTILE: _bounds_of_entries,
    quantiles.MEDIAN: _bounds_of_entries,
    convolution.CONVOLVE: _every("nonnegative", "integer"),
    elementwise.ARCCOS: lambda node: {"nonnegative"},
    reduction.MAX: _same_entries,
    reduction.MIN: _same_entries,
    reduction.PROD: _every(*_KEPT_BY_PRODUCTS),
    **facts_matrices.TABLE,
    linalg.INV: _inverse,
    linalg.DET: _determinant,
    linalg.SLOGDET: _slogdet,
    linalg.EIGH: _eigen,
    linalg.QR: _triangular_factor,
    linalg.CHOLESKY: lambda node: {"lower_triangular", "positive_determinant", "positive_diagonal"},
    creation.IOTA: lambda node: {"nonnegative", "integer"},
    SLICE: _same_entries,
    PLACE: _placed,
    CONCATENATE: _every(*ENTRIES),
}
