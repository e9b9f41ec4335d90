"""Variables with structure: independent entries by default, shared entries on request.

A declared structure ties entries of a variable together.  By default a derivative counts every
entry as independent and the declared structure enters only afterwards; with shared entries the
derivative by one parameter collects all entries that it stands for (K. B. Petersen and M. S.
Pedersen, "The Matrix Cookbook", section 2.8).  From the derivative ``G`` by independent entries:

- symmetric: ``G + G.T - G * I``; antisymmetric: ``G - G.T``;
- diagonal: ``G * I``; triangular and tridiagonal: ``G`` where entries may be other than 0;
- Toeplitz: the sum of each diagonal of ``G``; circulant: of each diagonal and the one that
  continues it;
- major symmetric (rank 4): as symmetric, of pairs of axes;
- fully symmetric: the sum of ``G`` over all orders of its axes, over the number of orders that
  leave the place of an entry as it is.

The result has the shape of the variable: each entry is the derivative by the parameter that
stands there, 0 where none does.
"""

from collections.abc import Callable
from functools import reduce
from itertools import permutations

import sympy as sp

from symflow.core.dims import show_shape
from symflow.core.einsum import contract
from symflow.core.node import Tensor
from symflow.core.properties import closure
from symflow.core.variable import Variable
from symflow.errors import DomainError
from symflow.ops.arithmetic import add, divide, multiply, remainder, subtract
from symflow.ops.choice import equal, where
from symflow.ops.contraction import matrix_transpose, transpose
from symflow.ops.contraction import sum as sum_of
from symflow.ops.creation import eye, iota, tril, triu
from symflow.ops.padding import pad
from symflow.ops.reshaping import reshape
from symflow.ops.special_matrices import circulant, toeplitz
from symflow.ops.structure import concatenate, flip

# what an open set of tensors can have: holds for all entries nearby, ties no entries together
_OPEN = frozenset(
    {
        "positive",
        "nonnegative",
        "nonzero",
        "in_unit_interval",
        "invertible",
        "positive_determinant",
        "full_rank",
    }
)
_HARMLESS = _OPEN | {"integer"}
_DEFINITE = frozenset({"positive_definite", "positive_semidefinite"})  # open among the symmetric
_TRIANGLES = frozenset({"lower_triangular", "upper_triangular"})
_BANDS = _TRIANGLES | {"tridiagonal"}
_LINES = frozenset({"toeplitz", "circulant"})
_WHOLE = frozenset({"major_symmetric", "fully_symmetric"})  # of all axes at once
_TYING = _BANDS | _LINES | _WHOLE | {"symmetric", "antisymmetric", "diagonal"}
_MOST_AXES = 5  # of fully symmetric variables: the orders of n axes are n!
Collect = Callable[[Tensor, frozenset[str]], Tensor]


def unstructured(x: Tensor) -> Tensor:
    """The variable without the properties that tie its entries together."""
    if not isinstance(x, Variable):
        return x
    kept = frozenset(name for name in closure(x.properties) if name in _OPEN)
    if kept == x.properties or not x.properties - _OPEN:
        return x
    return x.retyped(properties=kept)


def shared_entries(derivative: Tensor, x: Tensor) -> Tensor:
    """The derivative by the parameters of a structured variable, from the one by its entries.

    The last axes of the derivative are those of the variable.

    Raises:
        DomainError: for a structure whose shared form is not known.
    """
    declared = _declared(x)
    _check_known(declared, x)
    if not declared & _TYING or (declared & _LINES and 0 in x.shape[-2:]):
        return derivative
    if "fully_symmetric" in declared:
        return _fully_symmetric(derivative, x)
    if "major_symmetric" in declared:
        return _major_symmetric(derivative, alone=declared & _TYING == {"major_symmetric"}, x=x)
    for structure, collect in _COLLECTED:
        if structure in declared:
            derivative = collect(derivative, declared)
    return derivative


def _declared(x: Tensor) -> frozenset[str]:
    """The structures of a variable, those that say nothing beside others left out."""
    declared = closure(x.properties) if isinstance(x, Variable) else frozenset()
    if "fully_symmetric" in declared and x.rank < 3:
        declared = declared - {"fully_symmetric"} | ({"symmetric"} if x.rank == 2 else set())
    mirrored = declared & {"symmetric", "antisymmetric"} and declared & _TRIANGLES
    if declared >= _TRIANGLES or mirrored:
        return (declared - _BANDS - {"symmetric"}) | {"diagonal"}
    return declared


def entries_of(x: Tensor, *, structured: bool) -> str:
    """What is said of a derivative by a variable with structure; empty for all others.

    >>> from symflow.core import matrix
    >>> S = matrix("S", "n", "n", symmetric=True)
    >>> entries_of(S, structured=False), entries_of(S, structured=True)
    ('independent entries of S, symmetric', 'shared entries of S, symmetric')
    """
    tied = sorted(x.properties - _HARMLESS) if isinstance(x, Variable) else []
    if not isinstance(x, Variable) or not tied:
        return ""
    words = ", ".join(name.replace("_", " ") for name in tied)
    return f"{'shared' if structured else 'independent'} entries of {x.full_name}, {words}"


def _check_known(declared: frozenset[str], x: Tensor) -> None:
    unknown = sorted(declared - _HARMLESS - _TYING - _DEFINITE)
    if unknown:
        raise DomainError(
            f"derivatives with shared entries are known for {', '.join(sorted(_TYING))} variables; "
            f"{x} is {unknown[0]}: write it as a function of its parameters"
        )
    if "circulant" in declared and declared & _BANDS:
        raise DomainError(
            f"{x} is circulant and {sorted(declared & _BANDS)[0]}: that leaves other parameters "
            "than either; declare it as diagonal, or write it as a function of its parameters"
        )


def _own(derivative: Tensor, declared: frozenset[str] = frozenset()) -> Tensor:
    """The entries on the diagonal, zeros elsewhere."""
    return multiply(derivative, eye(derivative.shape[-1], dtype=derivative.dtype))


def _symmetric(derivative: Tensor, declared: frozenset[str]) -> Tensor:
    both = derivative + matrix_transpose(derivative)
    return subtract(both, _own(derivative))


def _antisymmetric(derivative: Tensor, declared: frozenset[str]) -> Tensor:
    return subtract(derivative, matrix_transpose(derivative))


def _unless_circulant(collect: Collect) -> Collect:
    """Circulant variables have their symmetry in the sums of their diagonals."""

    def collected(derivative: Tensor, declared: frozenset[str]) -> Tensor:
        return derivative if "circulant" in declared else collect(derivative, declared)

    return collected


def _lines(derivative: Tensor) -> tuple[Tensor, Tensor]:
    """The sums of the diagonals: those downwards from the first column, those from the first row.

    Rows are shifted under each other by reading them as one line of another width.
    """
    *stack, m, n = derivative.shape
    still = [(0, 0)] * len(stack)
    wide = pad(derivative, [*still, (0, 0), (0, m - 1)])
    line = pad(reshape(wide, (*stack, m * (m + n - 1))), [*still, (0, m)])
    total = sum_of(reshape(line, (*stack, m, m + n)), axis=-2)
    down = concatenate([total[..., :1], flip(total[..., n + 1 :], -1)], -1)
    return down, total[..., :n]


def _toeplitz(derivative: Tensor, declared: frozenset[str]) -> Tensor:
    if "circulant" in declared:
        return derivative
    down, right = _lines(derivative)
    return toeplitz(down, right)


def _circulant(derivative: Tensor, declared: frozenset[str]) -> Tensor:
    """Diagonals and those that continue them; of a symmetric variable, both ways at once."""
    down, right = _lines(derivative)
    total = down + pad(flip(right[..., 1:], -1), [*[(0, 0)] * (down.rank - 1), (1, 0)])
    if "symmetric" in declared:
        n = total.shape[-1]
        back = concatenate([total[..., :1], flip(total[..., 1:], -1)], -1)
        itself = equal(remainder(2 * iota(n), n), 0)  # 0, and the middle one of an even number
        total = where(itself, total, total + back)
    elif "antisymmetric" in declared:
        total = total - concatenate([total[..., :1], flip(total[..., 1:], -1)], -1)
    return circulant(total)


def _tridiagonal(derivative: Tensor, declared: frozenset[str]) -> Tensor:
    return triu(tril(derivative, 1), -1)


def _triangular(derivative: Tensor, declared: frozenset[str]) -> Tensor:
    return tril(derivative) if "lower_triangular" in declared else triu(derivative)


def _major_symmetric(derivative: Tensor, *, alone: bool, x: Tensor) -> Tensor:
    """Entries ``ijkl`` and ``klij`` are one parameter; those with ``ij = kl`` stand once."""
    if not alone or x.rank != 4:
        raise DomainError(
            f"derivatives with shared entries are known for major_symmetric variables of rank 4 "
            f"without other structure; {x} has shape {show_shape(x.shape)} and is "
            f"{', '.join(sorted(x.properties))}"
        )
    extra = derivative.rank - 4
    order = (*range(extra), extra + 2, extra + 3, extra, extra + 1)
    pairs = (*range(extra + 2), extra, extra + 1)
    sizes = dict(enumerate(derivative.shape[: extra + 2]))
    once = contract(sp.S.One, (derivative,), (pairs,), pairs, sizes, derivative.dtype)
    return subtract(derivative + transpose(derivative, order), once)


def _fully_symmetric(derivative: Tensor, x: Tensor) -> Tensor:
    """All entries whose indices are the same but for their order are one parameter."""
    if x.rank > _MOST_AXES or closure(x.properties) & _TYING != {"fully_symmetric"}:
        raise DomainError(
            f"derivatives with shared entries are known for fully_symmetric variables of up to "
            f"{_MOST_AXES} axes without other structure; {x} has shape {show_shape(x.shape)} and "
            f"is {', '.join(sorted(x.properties))}"
        )
    extra = derivative.rank - x.rank
    orders = list(permutations(range(x.rank)))
    turned = (
        transpose(derivative, (*range(extra), *(extra + axis for axis in order)))
        for order in orders
    )
    stays = (_stays(order, x) for order in orders)
    return divide(reduce(add, turned), reduce(add, stays))


def _stays(order: tuple[int, ...], x: Tensor) -> Tensor:
    """1 at the places that an order of the axes leaves as they are, 0 elsewhere."""
    labels = _cycles(order)
    sizes = {label: x.shape[label] for label in labels}
    return contract(sp.S.One, (), (), labels, sizes, x.dtype)


def _cycles(order: tuple[int, ...]) -> tuple[int, ...]:
    """For each axis the first of those that an order takes it to."""
    first: dict[int, int] = {}
    for start in range(len(order)):
        axis = start
        while axis not in first:
            first[axis] = start
            axis = order[axis]
    return tuple(first[axis] for axis in range(len(order)))


# what collects the entries of one parameter; the structures of a variable in this order
_COLLECTED: tuple[tuple[str, Collect], ...] = (
    ("circulant", _circulant),
    ("symmetric", _unless_circulant(_symmetric)),
    ("antisymmetric", _unless_circulant(_antisymmetric)),
    ("toeplitz", _toeplitz),
    ("diagonal", _own),
    ("tridiagonal", _tridiagonal),
    ("lower_triangular", _triangular),
    ("upper_triangular", _triangular),
)
