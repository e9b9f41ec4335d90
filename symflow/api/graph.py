"""The verb ``graph``: expressions as a data-flow graph."""

from collections.abc import Mapping
from typing import Any

from symflow.export.graph import Graph, build_graph

__all__ = ["graph"]


def graph(
    *expressions: Any,
    sizes: Mapping[Any, int] | None = None,
    names: Mapping[str, Any] | None = None,
) -> Graph:
    """The data-flow graph of one or several expressions.

    Nodes are operations, edges the tensors between them, with rank and shape.  The graph knows
    its levels (what can run in parallel) and, in floating point operations, its work, span and
    parallelism: as expressions of the dimensions, or as numbers where sizes are given.

    Args:
        expressions: tensors; shared parts appear once.
        sizes: values of dimensions.
        names: names to show for parts of the expressions; others are numbered.

    Raises:
        TypeError: without an expression.
        ShapeError: for a size that is no non-negative integer.

    >>> import symflow as sf
    >>> n, d = sf.dims("n d")
    >>> X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
    >>> g = sf.graph(sf.numpy.sum((X @ w - y) ** 2))
    >>> print(g.table())
    level  name  operation  of    shape   rank    FLOPs
    0      X     variable         (n, d)  matrix
           w     variable         (d,)    vector
           y     variable         (n,)    vector
    1      t1    matmul     X, w  (n,)    vector  2*d*n
    2      t2    add        t1, y (n,)    vector  n
    3      out   dot        t2    ()      scalar  2*n
    >>> g.work, g.at(n=1000, d=20).work
    (2*d*n + 3*n, 43000)
    """
    return build_graph(expressions, sizes or {}, names or {})
