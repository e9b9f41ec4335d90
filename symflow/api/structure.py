"""``H.structure``, ``H.matvec(v)``, ``H.solve(b)``, ``H.dense()``: tensors as linear maps.

A tensor maps arguments in the shape of its last axes to results in the shape of its first ones, as
a Hessian or a Jacobian does.  Its structure is what its expression says of it: that it is diagonal,
a Kronecker product, a diagonal plus a product of low rank ...  Nothing here makes the dense map.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import sympy as sp

from symflow.api.simplify import simplify
from symflow.calculus.structure import Manner, Structure, structure_of
from symflow.calculus.structure.notation import Notation, in_bounds
from symflow.core import Tensor, as_tensor
from symflow.core.dims import same_shape, show_shape
from symflow.errors import RankError, ShapeError
from symflow.export.latex import to_latex
from symflow.export.pretty import to_pretty

Sizes = Mapping[str, int]
_ONE_LINE = 10_000  # characters: parts of a formula are not cut


def structure(x: Any, columns: int | None = None, *, sizes: Sizes | None = None) -> Structure:
    """The form of a tensor as a linear map; ``x.structure`` for a map of a shape to itself.

    Args:
        x: a tensor; its last axes are those of the argument, the first ones those of the result.
        columns: how many axes the argument has; by default half of all.
        sizes: typical sizes of dimensions by name, to tell what is low rank; others count as
            usual for their names.

    Returns:
        A :class:`symflow.calculus.structure.Structure`: ``.kind``, the ``.parts`` it is made of,
        ``.stored`` and ``.dense_entries`` to compare, the ``.cost`` of a product in
        multiplications, whether it is known to be ``.symmetric``, ``.positive_definite``,
        ``.regular``; ``str`` is its formula, ``(x)`` the Kronecker product.

    Raises:
        RankError: for an odd rank when ``columns`` is not given, or for too few axes.

    >>> import symflow as sf, symflow.numpy as snp
    >>> A, U, V = sf.matrix("A", "n", "m"), sf.matrix("U", "n", "k"), sf.matrix("V", "m", "k")
    >>> H = sf.hessian(snp.sum((A - U @ V.T) ** 2), U)
    >>> H.structure
    <Kronecker product, (n, k) x (n, k): 2 * (I (x) V.T @ V)>
    >>> H.structure.stored, H.structure.dense_entries
    (k**2, k**2*n**2)
    """
    node = as_tensor(x)
    return structure_of(node, node.rank - _columns(node, columns), sizes=sizes)


def _columns(node: Tensor, columns: int | None) -> int:
    if columns is None:
        if node.rank % 2:
            raise RankError(
                f"a tensor of shape {show_shape(node.shape)} has {node.rank} axes, which is odd: "
                "say how many of the last ones belong to the argument of the map, columns=..."
            )
        return node.rank // 2
    if not 0 <= columns <= node.rank:
        raise RankError(
            f"columns must be from 0 to {node.rank} for a tensor of shape "
            f"{show_shape(node.shape)}, got {columns}"
        )
    return columns


def matvec(self: Any, v: Any) -> Tensor:
    """The map applied to ``v``, contracted factor by factor.

    Args:
        self: the map; its last axes are those of ``v``.
        v: the argument.

    Returns:
        The product, in the shape of the other axes; simplified.

    Raises:
        ShapeError: unless the last axes have the shape of ``v``.

    >>> import symflow as sf
    >>> z, v = sf.vector("z", "n"), sf.vector("v", "n")
    >>> sf.hessian(sf.nn.logsumexp(z), z).matvec(v)
    (v - v @ nn.softmax(z)) * nn.softmax(z)
    """
    node, argument = as_tensor(self), as_tensor(v)
    rows = node.rank - argument.rank
    if rows < 0 or not same_shape(node.shape[rows:], argument.shape):
        raise ShapeError(
            f"the map has shape {show_shape(node.shape)}, its argument "
            f"{show_shape(argument.shape)}: the last axes of the map must be those of the argument"
        )
    product: Tensor = simplify(structure_of(node, rows).matvec(argument))
    return product


def solve(self: Any, b: Any, *, regular: bool = False, sizes: Sizes | None = None) -> Tensor:
    """The ``x`` with ``self.matvec(x) = b``, by the structure of the map.

    Diagonals are divided by, Kronecker products solved factor by factor, blocks one by one,
    something invertible plus low rank by the identity of Woodbury; else the dense matrix is used.

    Args:
        self: the map; its first axes are those of ``b``.
        b: the right side.
        regular: take the parts that Woodbury's identity inverts as invertible where that is not
            known; else the dense matrix is used there.
        sizes: typical sizes of dimensions by name, to tell what is low rank.

    Raises:
        ShapeError: unless the first axes have the shape of ``b`` and the map is square.
        DomainError: for a map that is known to be singular, saying why.

    >>> import symflow as sf
    >>> A, B, C = (sf.matrix(name, "n", "n") for name in "ABC")
    >>> sf.jacobian(A @ B @ C, B).solve(B)
    linalg.inv(A) @ B @ linalg.inv(C)
    """
    node, right = as_tensor(self), as_tensor(b)
    rows = right.rank
    if rows > node.rank or not same_shape(node.shape[:rows], right.shape):
        raise ShapeError(
            f"the map has shape {show_shape(node.shape)}, the right side {show_shape(right.shape)}:"
            " the first axes of the map must be those of the right side"
        )
    found = structure_of(node, rows, sizes=sizes)
    solution: Tensor = simplify(found.solve(right, Manner(simplify, regular)))
    return solution


def dense(self: Any, columns: int | None = None) -> Tensor:
    """The map as a matrix, whose rows and columns number the entries in row-major order.

    Args:
        self: the map.
        columns: how many of the last axes make the columns; by default half of all.

    >>> import symflow as sf
    >>> A, X = sf.matrix("A", "m", "n"), sf.matrix("X", "n", "k")
    >>> sf.jacobian(A @ X, X).dense().shape
    (k*m, k*n)
    """
    node = as_tensor(self)
    return structure_of(node, node.rank - _columns(node, columns)).dense()


# ------------------------------------------------------------------------ notations


def _latex_blocks(block: str, indices: Sequence[tuple[str, str]]) -> str:
    bounds = r",\, ".join(f"{name} < {size}" for name, size in indices)
    return rf"\operatorname{{blockdiag}}_{{{bounds}}}\left({block}\right)"


_NAMES = {"ravel": "vec"}

LATEX = Notation(
    write=partial(to_latex, max_chars=_ONE_LINE),
    number=sp.latex,
    kronecker=r" \otimes ",
    brackets=(r"\left(", r"\right)"),
    scale=r" \, ",
    scale_by_map=" ",
    call=lambda name, inner: rf"\operatorname{{{_NAMES.get(name, name)}}}\left({inner}\right)",
    blocks=_latex_blocks,
    axes=lambda factor, rows, columns: rf"{factor}_{{[{rows};\, {columns}]}}",
)
PRETTY = Notation(
    write=partial(to_pretty, max_chars=_ONE_LINE),
    number=str,
    kronecker=" ⊗ ",
    brackets=("(", ")"),
    scale=" ",
    scale_by_map=" ",
    call=lambda name, inner: f"{_NAMES.get(name, name)}({inner})",
    blocks=in_bounds,
    axes=lambda factor, rows, columns: f"{factor}[{rows}; {columns}]",
)


def _latex(self: Structure) -> str:
    """The formula in LaTeX."""
    return self.written(LATEX).text


def _pretty(self: Structure) -> str:
    """The formula in Unicode."""
    return self.written(PRETTY).text


def _repr_latex_(self: Structure) -> str:
    return rf"$\displaystyle {_latex(self)}$"


METHODS = {"matvec": matvec, "solve": solve, "dense": dense, "structure": property(structure)}
Structure.attach({"latex": _latex, "pretty": _pretty, "_repr_latex_": _repr_latex_})
