"""Inverses that are contracted with something: solved with, by what is known of the matrix."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from symflow.core import Tensor
from symflow.core.dims import Dim, product, simplify_dim
from symflow.lowering.forms import arranged, transposed
from symflow.lowering.pairs import Factor, tidy
from symflow.lowering.precision import HALF
from symflow.lowering.scalars import integer
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Binary, Call, Index, Name, Number, Slice, Tree
from symflow.notation.tree import Sequence as TupleTree
from symflow.ops.facts_masks import kept_triangle

_WIDEST = 8.0  # columns per row beyond which the inverse itself is cheaper


@dataclass(frozen=True, slots=True, eq=False)
class Inverse:
    """A factor that is the inverse of a matrix.

    Attributes:
        matrix: the matrix.
        labels: of the stack, of the rows and of the columns of the inverse.
        facts: what is known of the matrix.
        shared: whether other contractions solve with it too.
        compute: makes the inverse itself.
    """

    matrix: Value
    labels: tuple[int, ...]
    facts: frozenset[str]
    shared: bool
    compute: Callable[[], Value]

    @property
    def kept(self) -> tuple[int, ...]:
        """The labels of its axes."""
        return self.labels

    def computed(self, builder: Builder) -> Factor:
        """The inverse itself."""
        return Factor(self.compute(), self.labels)


def read_triangle(matrix: Tensor, facts: frozenset[str]) -> Tensor:
    """What a triangular system is solved with: the program reads one triangle of it alone."""
    shapes = {"lower_triangular", "upper_triangular"} & facts
    if matrix.rank != 2 or len(shapes) != 1 or "positive_definite" in facts:
        return matrix
    kept = kept_triangle(matrix)
    return matrix if kept is None else kept


def solved(
    builder: Builder,
    inverse: Inverse,
    right: Factor,
    keep: Collection[int],
    hints: Callable[[Dim], float],
) -> Factor | None:
    """``inv(A)`` contracted with ``right`` as the solution of a linear system, where it is one."""
    *stack, rows, columns = inverse.labels
    met = [label for label in (rows, columns) if label in right.kept]
    if len(met) != 1 or met[0] in keep or not set(stack) <= set(keep):
        return None
    right = tidy(builder, right)
    if stack:
        return _solved_each(builder, inverse, right, met[0])
    rest = tuple(label for label in right.kept if label != met[0])
    others = [k for k, label in enumerate(right.labels) if label != met[0]]
    wide = tuple(right.value.shape[k] for k in others)
    if _entries(wide, hints) > _WIDEST * hints(inverse.matrix.shape[0]):
        return None
    value = transposed(builder, right.value, [right.labels.index(met[0]), *others])
    size = inverse.matrix.shape[0]
    if len(rest) > 1:
        value = builder.reshape(value, (size, product(wide)))
    result = solve(builder, inverse, value, flipped=met[0] == rows)
    if len(rest) > 1:
        result = builder.reshape(result, (size, *wide))
    return Factor(result, (rows if met[0] == columns else columns, *rest))


def _solved_each(builder: Builder, inverse: Inverse, right: Factor, met: int) -> Factor:
    """The same for a stack of matrices; a right side without some of its axes serves them all."""
    *stack, rows, columns = inverse.labels
    others = tuple(label for label in right.labels if label != met and label not in stack)
    value = arranged(builder, right.value, right.labels, (*stack, met, *others))
    lead = value.shape[: value.rank - 1 - len(others)]
    wide = value.shape[value.rank - len(others) :]
    matrix = inverse.matrix
    size = matrix.shape[-1]
    if len(others) != 1:
        value = builder.reshape(value, (*lead, size, product(wide)))
    if met == rows:
        matrix = transposed(builder, matrix, (*range(len(stack)), matrix.rank - 1, len(stack)))
    shape = (*matrix.shape[:-2], size, value.shape[-1])
    working = "float32" if right.value.dtype in HALF else right.value.dtype
    matrix, value = builder.cast(matrix, working), builder.cast(value, working)
    result = builder.call("linalg.solve", (matrix, value), shape, working)
    result = builder.cast(result, right.value.dtype)
    if len(others) != 1:
        result = builder.reshape(result, (*shape[:-1], *wide))
    return Factor(result, (*stack, rows if met == columns else columns, *others))


def _entries(sizes: tuple[Dim, ...], hints: Callable[[Dim], float]) -> float:
    total = 1.0
    for size in sizes:
        total *= hints(size)
    return total


def solve(builder: Builder, inverse: Inverse, right: Value, *, flipped: bool) -> Value:
    """The solution ``x`` of ``A @ x = right``, or of ``A.T @ x = right`` where flipped."""
    dtype = right.dtype
    working = "float32" if dtype in HALF else dtype
    matrix, right = builder.cast(inverse.matrix, working), builder.cast(right, working)
    return builder.cast(_solution(builder, inverse, matrix, right, flipped=flipped), dtype)


def _solution(
    builder: Builder, inverse: Inverse, matrix: Value, right: Value, *, flipped: bool
) -> Value:
    facts = inverse.facts
    if "diagonal" in facts:
        return _divided(builder, matrix, right)
    if "tridiagonal" in facts:
        return _tridiagonal(builder, matrix, right, flipped=flipped)
    module = "jax.scipy.linalg" if builder.backend == "jax" else "scipy.linalg"
    if "positive_definite" in facts:
        factor = cholesky(builder, matrix)
        return _call(builder, f"{module}.cho_solve", _with_flag, factor, right)
    for name, lower in (("lower_triangular", True), ("upper_triangular", False)):
        if name in facts:
            keywords: dict[str, Tree] = {"lower": Name(str(lower))}
            if flipped:
                keywords["trans"] = Name("1")
            path = f"{module}.solve_triangular"
            return builder.call(path, (matrix, right), right.shape, right.dtype, **keywords)
    if inverse.shared:
        factor = builder.call(f"{module}.lu_factor", (matrix,), (), "tuple")
        keywords = {"trans": Name("1")} if flipped else {}
        return builder.call(
            f"{module}.lu_solve", (factor, right), right.shape, right.dtype, **keywords
        )
    if flipped:
        matrix = transposed(builder, matrix, (1, 0))
    return builder.call("linalg.solve", (matrix, right), right.shape, right.dtype)


def _tridiagonal(builder: Builder, matrix: Value, right: Value, *, flipped: bool) -> Value:
    """A tridiagonal system, by elimination with pivoting in the band."""
    middle = builder.call("diagonal", (matrix,), matrix.shape[:1], matrix.dtype)
    below, above = (_beside(builder, matrix, offset) for offset in (-1, 1))
    if flipped:
        below, above = above, below
    lines = [_padded(builder, below, "(1, 0)"), middle, _padded(builder, above, "(0, 1)")]
    if builder.backend == "numpy":
        lines = [_padded(builder, above, "(1, 0)"), middle, _padded(builder, below, "(0, 1)")]
        return builder.make(_by_bands, (*lines, right), right.shape, right.dtype)
    write = _by_lines if right.rank == 2 else _by_lines_of_vector
    return builder.make(write, (*lines, right), right.shape, right.dtype)


def _by_lines(below: Tree, middle: Tree, above: Tree, right: Tree) -> Tree:
    return Call("jax.lax.linalg.tridiagonal_solve", (below, middle, above, right))


def _by_lines_of_vector(below: Tree, middle: Tree, above: Tree, right: Tree) -> Tree:
    column = Index(right, (Slice(), Name("None")))
    return Index(_by_lines(below, middle, above, column), (Slice(), Number("0")))


def _by_bands(above: Tree, middle: Tree, below: Tree, right: Tree) -> Tree:
    bands = Call("np.stack", (TupleTree((above, middle, below)),))
    return Call("scipy.linalg.solve_banded", (Name("(1, 1)"), bands, right))


def _beside(builder: Builder, matrix: Value, offset: int) -> Value:
    """The diagonal above (offset 1) or below (-1) the main one."""
    size = simplify_dim(matrix.shape[0] - 1)
    keywords = {"offset": integer(offset)}
    return builder.call("diagonal", (matrix,), (size,), matrix.dtype, **keywords)


def _padded(builder: Builder, line: Value, widths: str) -> Value:
    """A vector with one zero more, before or behind."""
    shape = (simplify_dim(line.shape[0] + 1),)
    return builder.make(
        lambda x: Call(f"{builder.xp}.pad", (x, Name(widths))), (line,), shape, line.dtype
    )


def cholesky(builder: Builder, matrix: Value) -> Value:
    """The lower triangular factor of a positive definite matrix."""
    return builder.call("linalg.cholesky", (matrix,), matrix.shape, matrix.dtype)


def _with_flag(function: str, factor: Tree, right: Tree) -> Tree:
    return Call(function, (TupleTree((factor, Name("True"))), right))


def _call(
    builder: Builder, function: str, write: Callable[..., Tree], factor: Value, right: Value
) -> Value:
    return builder.make(
        lambda a, b: write(function, a, b), (factor, right), right.shape, right.dtype
    )


def _divided(builder: Builder, matrix: Value, right: Value) -> Value:
    """A diagonal system."""
    diagonal = builder.call("diagonal", (matrix,), matrix.shape[:1], matrix.dtype)
    keys = (Slice(), Name("None"))
    if right.rank == 1:
        return builder.make(
            lambda d, b: Binary("/", b, d), (diagonal, right), right.shape, right.dtype
        )
    return builder.make(
        lambda d, b: Binary("/", b, Index(d, keys)), (diagonal, right), right.shape, right.dtype
    )
