"""``sf.verify``: results against independent computations on random data, in float64."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symflow.api.lower import lower
from symflow.calculus import shared_entries, unstructured
from symflow.calculus.entries import owned, read_entries
from symflow.core import Scalar, Tensor, Variable, as_tensor
from symflow.core.bridge import substitute
from symflow.core.dims import Shape, show_shape
from symflow.core.samples import sample
from symflow.errors import DomainError, LoweringError, ShapeError
from symflow.lowering import Program
from symflow.rewriting.derivation import Derivation

Sizes = dict[str, int]
_DRAWS = 8
_RAISES = 6  # how often sizes are raised until the program takes them
_DISTINCT = (4, 3, 5, 2, 6)
Reference = Callable[..., Any]


@dataclass(frozen=True)
class Check:
    """One comparison.

    Attributes:
        sizes: of the dimensions.
        entries: how many numbers were compared.
        absolute: the largest difference.
        relative: the same, against the largest entry.
    """

    sizes: Mapping[str, int]
    entries: int
    absolute: float
    relative: float

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} = {size}" for name, size in self.sizes.items())
        return (
            f"{sizes or 'no dimensions'}: {self.entries} entries, "
            f"largest error {self.absolute:.1e}, relative {self.relative:.1e}"
        )


@dataclass(frozen=True)
class Verification:
    """What a verification found.

    Attributes:
        checks: one for each set of sizes.
        tolerance: of the relative error.
        against: what the result was compared with.
    """

    checks: tuple[Check, ...]
    tolerance: float
    against: str

    @property
    def ok(self) -> bool:
        """Whether all differences are within the tolerance."""
        return all(check.relative <= self.tolerance for check in self.checks)

    @property
    def error(self) -> float:
        """The largest relative error."""
        return max(check.relative for check in self.checks)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        word = "agrees" if self.ok else "DISAGREES"
        return "\n".join([f"{word} with {self.against}", *(f"  {c}" for c in self.checks)])


def verify(
    subject: Any,
    derivative: Any = None,
    wrt: Any = None,
    *,
    order: int = 1,
    structured: bool = False,
    tolerance: float = 1e-8,
    seed: int = 0,
) -> Verification:
    """Compare a result with an independent computation, in float64 on random data.

    The data has the declared properties; it is drawn at two sets of sizes, in the second of which
    every dimension that may be is 1.

    Args:
        subject: a derivation; or a function whose derivative is given; or an expression, whose
            values by JAX after rewriting are compared with NumPy's before it.
        derivative: the derivative to check against JAX's automatic differentiation of the subject.
        wrt: the variable, or one for each order.
        order: of the derivative.
        structured: whether tied entries of a structured variable count as one parameter.
        tolerance: of the relative error.
        seed: of the random data.

    Returns:
        A report: ``.ok``, ``.error`` (the largest relative error) and ``.checks``.

    Raises:
        ShapeError: when the derivative has not the shape of the function and the variable.
        DomainError: when no random data gives finite values.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> x = sf.vector("x", "n")
    >>> report = sf.verify(snp.sum(x * x), 2 * x, x)
    >>> report.ok, len(report.checks)
    (True, 2)
    """
    options = _Options(tolerance, seed)
    if isinstance(subject, Derivation):
        if subject.function is None:
            return _compare(subject.result, subject.start, options)
        derivative, wrt, order = subject.result, subject.variable, subject.order
        subject = subject.function
    if derivative is None:
        return _compare(as_tensor(subject), as_tensor(subject), options)
    variables = _variables(wrt, order)
    return _differentiated(
        as_tensor(subject), as_tensor(derivative), variables, options, structured=structured
    )


@dataclass(frozen=True)
class _Options:
    tolerance: float
    seed: int


def _variables(wrt: Any, order: int) -> list[Tensor]:
    """The variable of each order."""
    if wrt is None:
        raise DomainError("give the variable of the derivative: verify(f, derivative, wrt=x)")
    given = list(wrt) if isinstance(wrt, (tuple, list)) else [wrt] * order
    return [as_tensor(v) if isinstance(v, sp.Symbol) else v for v in given]


# ------------------------------------------------------------------------------- values


def _compare(result: Tensor, start: Tensor, options: _Options) -> Verification:
    """Values after rewriting by JAX against values before it by NumPy."""
    inputs = _leaves([result, start])
    plain = lower(start, inputs=inputs, precision="float64", backend="numpy", optimise=False)
    fast = lower(result, inputs=inputs, precision="float64")
    return _report(fast, plain, inputs, options, "NumPy")


# -------------------------------------------------------------------------- derivatives


def _differentiated(
    function: Tensor,
    derivative: Tensor,
    variables: Sequence[Tensor],
    options: _Options,
    *,
    structured: bool,
) -> Verification:
    expected = function.shape + tuple(size for v in variables for size in v.shape)
    if derivative.shape != expected:
        raise ShapeError(
            f"the derivative has shape {show_shape(derivative.shape)}; "
            f"function and variables make {show_shape(expected)}"
        )
    whole = [owned(v) for v in variables]
    inputs = _leaves([function, derivative, *whole])
    free = {v: unstructured(v) for v in whole}
    (bare,) = substitute([function], free)
    names = [free.get(leaf, leaf) for leaf in inputs]
    program = lower(bare, inputs=names, precision="float64", optimise=False)
    places = [inputs.index(v.symbol if isinstance(v, Scalar) else v) for v in whole]
    reference = _jacobian(program, function.shape, variables, places, structured=structured)
    result = lower(derivative, inputs=inputs, precision="float64")
    return _report(result, reference, inputs, options, "JAX's automatic differentiation")


def _jacobian(
    program: Program,
    shape: Shape,
    variables: Sequence[Tensor],
    places: Sequence[int],
    *,
    structured: bool,
) -> Reference:
    """The derivative by JAX: reverse mode first, then forward."""
    import jax

    current: Reference = program
    for number, (variable, place) in enumerate(zip(variables, places, strict=True)):
        mode = jax.jacfwd if number else jax.jacrev
        current = mode(current, argnums=place)
        current = _read(current, shape, variable, structured=structured)
        shape = shape + variable.shape

    def reference(*args: Any) -> Any:
        with jax.enable_x64(True):  # noqa: FBT003  (JAX's signature)
            return current(*args)

    return reference


def _read(derivative: Reference, shape: Shape, named: Tensor, *, structured: bool) -> Reference:
    """The derivative with tied entries taken together, at named entries: linear in the free one."""
    variable = owned(named)
    free: Tensor = Variable("free derivative", (*shape, *variable.shape))
    tied = shared_entries(free, variable) if structured else free
    read = read_entries(tied, named, variable)
    if read is free:
        return derivative
    program = lower(read, inputs=[free], precision="float64", optimise=False)
    return lambda *args: program(derivative(*args))


# --------------------------------------------------------------------------------- data


def _leaves(nodes: Sequence[Tensor]) -> list[Any]:
    """The variables, symbols and dimensions of some expressions."""
    found: set[Any] = set()
    for node in nodes:
        found |= node.free_symbols
    tensors = [item for item in found if isinstance(item, Variable)]
    symbols = found - set(tensors)
    tensors.sort(key=lambda leaf: (leaf.full_name, leaf.digest))
    return [*tensors, *sorted(symbols, key=lambda symbol: symbol.name)]


def _report(
    result: Program, reference: Reference, inputs: Sequence[Any], options: _Options, against: str
) -> Verification:
    checks = []
    for alternatives in _size_sets(result, inputs):
        check = None
        for sizes in alternatives:
            rng = np.random.default_rng(options.seed)
            check, trusted = _check(result, reference, inputs, sizes, rng, options.tolerance)
            if trusted:
                break
        if check is not None:
            checks.append(check)
    if not checks:
        raise DomainError("no sizes and no random data were found at which the program runs")
    return Verification(tuple(checks), options.tolerance, against)


def _is_dimension(item: Any) -> bool:
    return isinstance(item, sp.Symbol) and bool(item.is_integer and item.is_nonnegative)


def _size_sets(program: Program, inputs: Sequence[Any]) -> Iterator[Iterator[Sizes]]:
    """Sizes that differ, in either order; then ones where they may be."""
    names = [item.name for item in inputs if _is_dimension(item)]
    distinct = [_DISTINCT[k % len(_DISTINCT)] for k in range(len(names))]
    orders = (distinct, distinct[::-1]) if len(names) > 1 else (distinct,)
    yield _admitted(program, [(dict(zip(names, order, strict=True)), 3) for order in orders])
    if names:
        yield _admitted(program, [(dict.fromkeys(names, 1), 1)])


def _admitted(program: Program, starts: Sequence[tuple[Sizes, int]]) -> Iterator[Sizes]:
    """The sizes, raised by steps until the program takes them."""
    for start, step in starts:
        for sizes in (_raised(start, step * k) for k in range(_RAISES)):
            if program.admits(sizes):
                yield sizes
                break


def _raised(sizes: Sizes, by: int) -> Sizes:
    return {name: size + by for name, size in sizes.items()}


def _check(
    result: Program,
    reference: Reference,
    inputs: Sequence[Any],
    sizes: Sizes,
    rng: np.random.Generator,
    tolerance: float,
) -> tuple[Check, bool]:
    """A comparison at data where both sides are finite, and whether it can be trusted.

    Where the two differ, but rounding of the data alone moves the reference as much (an inverse of
    a matrix that is singular at these sizes), other data is drawn.
    """
    found = None
    for _ in range(_DRAWS):
        values = [_drawn(item, sizes, rng) for item in inputs]
        want = np.asarray(reference(*values))
        if not np.all(np.isfinite(want)):
            continue
        found = _compared(np.asarray(result(*values)), want, sizes)
        if found.relative <= tolerance:
            return found, True
        moved = np.asarray(reference(*(_rounded(value, rng) for value in values)))
        if _compared(moved, want, sizes).relative <= tolerance / 10:
            return found, True
    if found is None:
        raise DomainError(f"no random data with finite values found at sizes {sizes}")
    return found, False


def _rounded(value: Any, rng: np.random.Generator) -> Any:
    """A value with other last digits."""
    if np.asarray(value).dtype.kind not in "fc":
        return value
    return value * (1 + 1e-14 * rng.standard_normal(np.shape(value)))


def _compared(got: np.ndarray[Any, Any], want: np.ndarray[Any, Any], sizes: Sizes) -> Check:
    if got.shape != want.shape:
        raise LoweringError(f"the result has shape {got.shape}, the reference {want.shape}")
    absolute = float(np.max(np.abs(got - want), initial=0.0))
    if not np.all(np.isfinite(got)):
        absolute = float("inf")
    scale = float(np.max(np.abs(want), initial=0.0))
    relative = absolute / scale if scale > 1e-6 else absolute
    return Check(sizes, int(want.size), absolute, relative)


def _drawn(item: Any, sizes: Sizes, rng: np.random.Generator) -> Any:
    if _is_dimension(item):
        return sizes[item.name]
    leaf = Scalar(item) if isinstance(item, sp.Symbol) else item
    return sample(leaf, sizes, rng)
