"""Normal distributions of tensors, and the moments of what is affine in normal variables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from symflow.calculus.derivatives import jacobians
from symflow.calculus.differential import Calculus
from symflow.core.convert import as_tensor
from symflow.core.dims import Dim, same_shape, show_shape
from symflow.core.einsum import contract
from symflow.core.node import Tensor
from symflow.core.variable import Scalar, Variable
from symflow.core.walk import depends_on, postorder, transform
from symflow.errors import DomainError, ShapeError
from symflow.ops.arithmetic import broadcast_to

Labels = tuple[int, ...]
_FREE = frozenset({"nonzero", "invertible", "full_rank"})  # hold but for a set of weight 0


@dataclass(frozen=True)
class Normal:
    """A normal distribution of a tensor, or of several jointly.

    Attributes:
        mean: in the shape of the variable; a number stands for all entries.
        cov: the covariance, of the variable's shape twice; in the variable's own shape, or as a
            number, the variances of independent entries. For a scalar the variance.

    For several variables both are sequences: means, and rows of blocks, of which those below the
    diagonal may be None.

    >>> from symflow.core import matrix, vector
    >>> Normal(vector("mu", "n"), matrix("Sigma", "n", "n", positive_semidefinite=True))
    Normal(mean=mu, cov=Sigma)
    """

    mean: Any = 0
    cov: Any = 1


@dataclass
class Moments:
    """Means and covariances of the entries of affine expressions.

    Attributes:
        means: for each normal variable its mean.
        blocks: covariances of two variables, where they are not 0.
        calculus: the table of differentials.
    """

    means: dict[Tensor, Tensor]
    blocks: dict[tuple[Tensor, Tensor], Tensor]
    calculus: Calculus
    _slopes: dict[tuple[Tensor, Tensor], Tensor] = field(default_factory=dict)

    def mean(self, u: Tensor) -> Tensor:
        """The mean of an affine expression."""
        return transform([u], lambda node: None, dict(self.means))[0]

    def cov(self, u: Tensor, w: Tensor) -> Tensor | None:
        """The covariances of entries, of shape ``u.shape + w.shape``; None where they are 0."""
        total: Tensor | None = None
        for (x, y), block in self.blocks.items():
            if self._holds(u, x) and self._holds(w, y):
                part = _congruence(self.slope(u, x), block, self.slope(w, y), x.rank, y.rank)
                total = part if total is None else total + part
        return total

    def slope(self, u: Tensor, x: Tensor) -> Tensor:
        """The constant Jacobian of an affine expression by a variable."""
        known = self._slopes.get((u, x))
        if known is None:
            (known,) = jacobians(u, [x], self.calculus)
            self._slopes[u, x] = known
        return known

    def variables(self, u: Tensor) -> list[Tensor]:
        """The normal variables in an expression."""
        return [x for x in self.means if self._holds(u, x)]

    def _holds(self, u: Tensor, x: Tensor) -> bool:
        return u is x or u in depends_on(postorder([u]), [x])


def _congruence(left: Tensor, block: Tensor, right: Tensor, m: int, n: int) -> Tensor:
    """``L S R'`` with the last axes of both sides contracted."""
    a, b = left.rank - m, right.rank - n
    rows, columns = tuple(range(a)), tuple(range(a, a + b))
    inner = tuple(range(a + b, a + b + m))
    outer = tuple(range(a + b + m, a + b + m + n))
    sizes: dict[int, Dim] = dict(zip((*rows, *inner), left.shape, strict=True))
    sizes |= dict(zip((*columns, *outer), right.shape, strict=True))
    return contract(
        sp.S.One,
        (left, block, right),
        ((*rows, *inner), (*inner, *outer), (*columns, *outer)),
        (*rows, *columns),
        sizes,
        left.dtype,
    )


def moments(given: Mapping[Any, Any], calculus: Calculus) -> tuple[Moments, list[list[Tensor]]]:
    """The moments of normal variables, and the groups of those given jointly.

    Raises:
        TypeError: for a key that is no variable, or a value that is no :class:`Normal`.
        ShapeError: for a mean or a covariance of another shape.
        DomainError: for a variable with declared properties, for one given twice, for covariances
            that are not those of each other, for a negative variance.
    """
    means: dict[Tensor, Tensor] = {}
    blocks: dict[tuple[Tensor, Tensor], Tensor] = {}
    groups = []
    for key, normal in given.items():
        if not isinstance(normal, Normal):
            raise TypeError(f"the distribution of a variable is a Normal, got {normal!r}")
        several = isinstance(key, tuple)
        group = [_variable(x) for x in (key if several else (key,))]
        if any(x in means for x in group) or len(set(group)) < len(group):
            raise DomainError(f"a variable is given twice: {', '.join(map(str, group))}")
        groups.append(group)
        rows = _rows(normal, group) if several else ((normal.cov,),)
        mean = normal.mean if several else (normal.mean,)
        means.update({x: _mean(x, m) for x, m in zip(group, mean, strict=True)})
        blocks.update(_blocks(group, rows))
    _check_free(means, blocks)
    return Moments(means, blocks, calculus), groups


def _variable(x: Any) -> Tensor:
    node: Any = as_tensor(x) if isinstance(x, sp.Symbol) else x
    if not isinstance(node, (Variable, Scalar)):
        raise TypeError(f"expectations are over variables, got {x}")
    tied = sorted(node.properties - _FREE) if isinstance(node, Variable) else []
    if tied:
        raise DomainError(
            f"{node} is declared {tied[0]}: a normal variable takes values that are not; declare "
            "it without"
        )
    return node


def _rows(normal: Normal, group: Sequence[Tensor]) -> Sequence[Sequence[Any]]:
    means = normal.mean
    rows: Sequence[Sequence[Any]] = normal.cov
    count = len(group)
    square = isinstance(rows, (tuple, list)) and all(
        isinstance(row, (tuple, list)) and len(row) == count for row in rows
    )
    if not square or len(rows) != count or not isinstance(means, (tuple, list)):
        raise ShapeError(
            f"{count} jointly normal variables need {count} means and {count} rows of {count} "
            "blocks of covariances"
        )
    if len(means) != count:
        raise ShapeError(f"{count} jointly normal variables need {count} means, got {len(means)}")
    return rows


def _mean(x: Tensor, mean: Any) -> Tensor:
    node = as_tensor(mean)
    if not node.shape and x.shape:
        node = broadcast_to(node, x.shape)
    if not same_shape(node.shape, x.shape):
        raise ShapeError(
            f"the mean of {x} has shape {show_shape(node.shape)}, expected {show_shape(x.shape)}"
        )
    return node


def _blocks(
    group: Sequence[Tensor], rows: Sequence[Sequence[Any]]
) -> dict[tuple[Tensor, Tensor], Tensor]:
    found = {}
    for i, x in enumerate(group):
        found[x, x] = _own_covariance(x, rows[i][i])
        for j in range(i + 1, len(group)):
            y, block = group[j], as_tensor(rows[i][j])
            _check_shape(block, x, y)
            turned = _turned(block, x.rank)
            below = None if rows[j][i] is None else as_tensor(rows[j][i])
            if below is not None and below is not turned:
                raise DomainError(
                    f"the covariances of {y} with {x} are those of {x} with {y}, transposed: give "
                    "None for the block below the diagonal"
                )
            found[x, y], found[y, x] = block, turned
    return {pair: block for pair, block in found.items() if getattr(block, "coefficient", 1) != 0}


def _own_covariance(x: Tensor, cov: Any) -> Tensor:
    """The covariance in the variable's shape twice, from that or from variances."""
    node = as_tensor(cov)
    coefficient = getattr(node, "coefficient", None)
    if not node.operands and coefficient is not None and coefficient.is_negative:
        raise DomainError(f"the variance of {x} is negative: {node}")
    if not node.shape and x.shape:
        node = broadcast_to(node, x.shape)
    if x.shape and same_shape(node.shape, x.shape):
        labels = tuple(range(x.rank))
        sizes: dict[int, Dim] = dict(enumerate(x.shape))
        return contract(sp.S.One, (node,), (labels,), labels + labels, sizes, node.dtype)
    _check_shape(node, x, x)
    return node


def _check_shape(block: Tensor, x: Tensor, y: Tensor) -> None:
    expected = (*x.shape, *y.shape)
    if not same_shape(block.shape, expected):
        whose = str(x) if x is y else f"{x} and {y}"
        raise ShapeError(
            f"the covariance of {whose} has shape {show_shape(block.shape)}, expected "
            f"{show_shape(expected)}"
        )


def _turned(block: Tensor, rank: int) -> Tensor:
    labels = tuple(range(block.rank))
    sizes: dict[int, Dim] = dict(enumerate(block.shape))
    output = (*labels[rank:], *labels[:rank])
    return contract(sp.S.One, (block,), (labels,), output, sizes, block.dtype)


def _check_free(
    means: Mapping[Tensor, Tensor], blocks: Mapping[tuple[Tensor, Tensor], Tensor]
) -> None:
    """Parameters of one variable that hold another are a hierarchy, which is none of these."""
    given = [(x, f"the mean of {x}", mean) for x, mean in means.items()]
    given += [(x, f"the covariance of {x}", block) for (x, _), block in blocks.items()]
    for x, what, parameter in given:
        held = [y for y in means if y in postorder([parameter])]
        if held:
            raise DomainError(
                f"{what} holds {held[0]}: take the expectation over {x} first, then that of the "
                f"result over {held[0]}"
            )
