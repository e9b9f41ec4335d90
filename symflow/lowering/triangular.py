"""Products with large triangular matrices, in rows of blocks that leave out what is zero.

XLA has no product of its own for them (BLAS: TRMM).  With six rows of blocks it takes 7/12 of the
operations of the whole product; more rows save little and make the products thin.
"""

from symflow.core.dims import Dim, simplify_dim
from symflow.lowering.scalars import integer
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Binary, Call, Index, Slice, Tree
from symflow.notation.tree import Sequence as TupleTree

_ROWS = 6
_LEAST = 384  # rows of a matrix below which one product is faster
_NARROWEST = 64  # columns of the other factor


def triangular_product(builder: Builder, left: Value, right: Value) -> Value | None:
    """``left @ right`` where one is a large triangular matrix; None where neither is."""
    if builder.backend != "jax" or builder.narrow is not None:
        return None
    lower = builder.triangles.get(left)
    if lower is not None and _pays(left, right.shape[1]):
        return _by_rows(builder, left, right, lower=lower)
    lower = builder.triangles.get(right)
    if lower is not None and _pays(right, left.shape[0]):
        return _by_columns(builder, left, right, lower=lower)
    return None


def _pays(matrix: Value, width: Dim) -> bool:
    size = matrix.shape[0]
    known = isinstance(size, int) and isinstance(width, int) and matrix.shape[1] == size
    return known and size >= _LEAST and width >= _NARROWEST


def _cuts(size: int) -> list[tuple[int, int]]:
    """Where the blocks begin and end."""
    step = -(-size // (8 * _ROWS)) * 8
    return [(start, min(start + step, size)) for start in range(0, size, step)]


def _by_rows(builder: Builder, left: Value, right: Value, *, lower: bool) -> Value:
    size = int(left.shape[0])
    blocks = []
    for start, stop in _cuts(size):
        held = (0, stop) if lower else (start, size)
        block = _cut(builder, left, (start, stop), held)
        blocks.append(_product(builder, block, _cut(builder, right, held)))
    return _joined(builder, blocks, 0)


def _by_columns(builder: Builder, left: Value, right: Value, *, lower: bool) -> Value:
    size = int(right.shape[0])
    blocks = []
    for start, stop in _cuts(size):
        held = (start, size) if lower else (0, stop)
        whole = (0, int(left.shape[0]))
        block = _cut(builder, right, held, (start, stop))
        blocks.append(_product(builder, _cut(builder, left, whole, held), block))
    return _joined(builder, blocks, 1)


def _cut(builder: Builder, value: Value, *runs: tuple[int, int]) -> Value:
    """Some rows, or some rows and columns."""
    sizes = [int(size) for size in value.shape]
    keys = tuple(_key(run, size) for run, size in zip(runs, sizes, strict=False))
    while keys and keys[-1] == Slice():
        keys = keys[:-1]
    if not keys:
        return value
    shape = (*(stop - start for start, stop in runs), *value.shape[len(runs) :])
    return builder.make(lambda x: Index(x, keys), (value,), shape, value.dtype)


def _key(run: tuple[int, int], size: int) -> Tree:
    start, stop = run
    return Slice(integer(start) if start else None, integer(stop) if stop < size else None)


def _product(builder: Builder, x: Value, y: Value) -> Value:
    shape = (x.shape[0], y.shape[1])
    return builder.make(lambda a, b: Binary("@", a, b), (x, y), shape, x.dtype)


def _joined(builder: Builder, blocks: list[Value], axis: int) -> Value:
    name = f"{builder.xp}.concatenate"
    keywords: tuple[tuple[str, Tree], ...] = (("axis", integer(axis)),) if axis else ()
    shape = list(blocks[0].shape)
    shape[axis] = simplify_dim(sum(block.shape[axis] for block in blocks))
    return builder.make(
        lambda *trees: Call(name, (TupleTree(trees, "["),), keywords),
        blocks,
        tuple(shape),
        blocks[0].dtype,
    )
