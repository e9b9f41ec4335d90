"""Entries of a variable as what a derivative is taken by: ``X[i, j]``, ``x[1:3]``, ``X.T``.

Slices, diagonals, transposes and reshapes of a variable name entries of it, each once.  The
derivative by them is the derivative by the whole variable, read at these entries.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp

from symflow.calculus.slicing import at, sunk
from symflow.calculus.structured import unstructured
from symflow.core.apply import Apply
from symflow.core.convert import as_tensor
from symflow.core.dims import is_one
from symflow.core.einsum import Einsum, contract
from symflow.core.fusion import is_fuse
from symflow.core.node import Tensor
from symflow.core.variable import Scalar, Variable
from symflow.ops.batching import batched
from symflow.ops.gathering import GATHER, distinct
from symflow.ops.structure import ROLL, SLICE

_STAND_IN = "entries"  # scope of the variables that stand for derivatives


def owner(node: Tensor) -> Tensor | None:
    """The variable of which a tensor names entries, each once; None where it is no such thing.

    >>> from symflow.core import matrix
    >>> X = matrix("X", "m", "n")
    >>> owner(X[0].T) is X, owner(X + X), owner(X)
    (True, None, X)
    """
    while not isinstance(node, (Variable, Scalar)):
        below = _below(node)
        if below is None:
            return None
        node = below
    return node


def wanted(x: Any) -> Any:
    """What is differentiated by, with symbols of SymPy as tensors.

    Raises:
        TypeError: unless it is a variable or names entries of one.
    """
    node = as_tensor(x) if isinstance(x, sp.Symbol) else x
    owned(node)
    return node


def owned(x: Tensor) -> Tensor:
    """The variable that is differentiated by, when a derivative is taken by ``x``.

    Raises:
        TypeError: unless ``x`` is a variable or names entries of one, each once.
    """
    found = owner(x) if isinstance(x, Tensor) else None
    if found is None:
        raise TypeError(
            "derivatives are taken by a variable or by entries of one (a slice, a diagonal, a "
            f"transpose, a reshape), got {_described(x)}: make it a variable of its own and "
            "substitute it afterwards"
        )
    return found


def _described(x: object) -> str:
    return f"the expression {x}" if isinstance(x, Tensor) else f"a {type(x).__name__}"


def loosened(named: Iterable[Tensor]) -> dict[Tensor, Tensor]:
    """For each variable with a structure that ties its entries the one without.

    Between two derivatives by a symmetric variable its symmetry may not be used: whoever takes
    them puts these in its place first, and puts the variable back at the end.
    """
    whole = [owned(x) for x in named]
    return {x: unstructured(x) for x in whole if unstructured(x) is not x}


def read_entries(derivative: Tensor, named: Tensor, variable: Tensor) -> Tensor:
    """The derivative by named entries, from the one by the whole variable.

    Args:
        derivative: of shape ``extra + variable.shape``.
        named: entries of the variable, as :func:`owner` knows them.
        variable: whose entries they are.

    Returns:
        A tensor of shape ``extra + named.shape``.
    """
    if named is variable:
        return derivative
    extra = derivative.shape[: derivative.rank - variable.rank]
    leaf, root = variable, named
    for size in reversed(extra):
        wide: Tensor = Variable("all", (size, *leaf.shape), variable.dtype, (), _STAND_IN)
        (many,) = batched([root], {leaf: wide}, size)
        assert many is not None
        leaf, root = wide, many
    return _read(derivative, _path(root, leaf))


def _path(named: Tensor, leaf: Tensor) -> list[Tensor]:
    """From the first thing that is done to the entries of a leaf to the last."""
    path = [named]
    while path[-1] is not leaf:
        below = _below(path[-1])
        assert below is not None
        path.append(below)
    return path[-2::-1]


def _read(value: Tensor, path: Sequence[Tensor]) -> Tensor:
    """What a path does, done to another tensor: slices sink into it, with the axes they drop."""
    dropped: set[int] = set()
    for node, after in zip(path, (*path[1:], None), strict=True):
        if isinstance(node, Einsum):
            value = _view(node, value, dropped)
        elif isinstance(node, Apply) and node.operation is SLICE:
            dropped = _dropped(after)
            runs = node.params[0]
            value = sunk(value, tuple(at(r) if k in dropped else r for k, r in enumerate(runs)))
            continue
        else:
            value = node.with_operands((value, *node.operands[1:]))
        dropped = set()
    return value


def _dropped(view: Tensor | None) -> set[int]:
    """The axes of its operand that a view does not show."""
    if not isinstance(view, Einsum) or len(view.operands) != 1:
        return set()
    return {k for k, label in enumerate(view.subscripts[0]) if label not in view.output}


def _view(node: Einsum, value: Tensor, dropped: set[int]) -> Tensor:
    operands = tuple(operand if is_fuse(operand) else value for operand in node.operands)
    subscripts = tuple(
        labels
        if is_fuse(operand)
        else tuple(label for axis, label in enumerate(labels) if axis not in dropped)
        for operand, labels in zip(node.operands, node.subscripts, strict=True)
    )
    gone = {node.subscripts[0][axis] for axis in dropped}
    sizes = {label: size for label, size in enumerate(node.sizes) if label not in gone}
    return contract(sp.S.One, operands, subscripts, node.output, sizes, value.dtype)


def _below(node: Tensor) -> Tensor | None:
    """What a tensor takes entries from, each at most once; None where it does anything else."""
    if isinstance(node, Apply):
        if node.operation in (SLICE, ROLL):
            return node.operands[0]
        once = node.operation is GATHER and distinct(node.operands[1:])
        return node.operands[0] if once else None
    return _viewed(node) if isinstance(node, Einsum) else None


def _viewed(node: Einsum) -> Tensor | None:
    """The operand of which a contraction is a transpose, a diagonal or a reshape."""
    solid = [k for k, operand in enumerate(node.operands) if not is_fuse(operand)]
    wide = [label for label in node.output if not is_one(node.sizes[label])]
    if len(solid) != 1 or node.coefficient != 1 or len(set(wide)) != len(wide):
        return None
    own = node.subscripts[solid[0]]
    left = _regrouped(own, [s for k, s in enumerate(node.subscripts) if k != solid[0]])
    named = {label for label in left or () if not is_one(node.sizes[label])}
    return node.operands[solid[0]] if left is not None and named == set(wide) else None


def _regrouped(own: Sequence[int], fuses: Sequence[Sequence[int]]) -> set[int] | None:
    """The labels left when fuses have merged and split axes; None where one does neither."""
    known, waiting = set(own), list(fuses)
    while waiting:
        for number, (whole, *parts) in enumerate(waiting):
            gone, new = ({whole}, set(parts)) if whole in known else (set(parts), {whole})
            if gone <= known and not new & known:
                known = known - gone | new
                del waiting[number]
                break
        else:
            return None
    return known
