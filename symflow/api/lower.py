"""``sf.lower``: expressions to a program that runs and that can be read."""

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

from rewrites import presets
from symflow.api import layers
from symflow.api.blocks.nested import in_form
from symflow.api.calls import prepared
from symflow.api.cost import cheapest, dimension_names, rules_of
from symflow.api.goals import strategy_for
from symflow.api.scalar_code import is_scalar_code, stability
from symflow.api.scaling import scaled
from symflow.core import Einsum, Tensor, as_tensor, postorder
from symflow.errors import BudgetWarning, LoweringError, SymflowError
from symflow.lowering import Program, Written, write
from symflow.lowering.packing import packed
from symflow.lowering.precision import checked_matmul, checked_precision
from symflow.lowering.rematerialising import bytes_of
from symflow.lowering.report import Told
from symflow.lowering.rolling_scan import Scan
from symflow.lowering.runtime import Settings
from symflow.lowering.variants import Variant, at_sizes, over_axis
from symflow.lowering.writing import Wishes
from symflow.rewriting.engine import rewrite
from symflow.rewriting.hints import size_hints
from symflow.rewriting.refold import with_shared_products

_MOST_KNOWN = 8  # sets of sizes whose choice is kept, for a report after a call
Improve = Callable[[Sequence[Tensor]], tuple[list[Tensor], list[str]]]
_LONGEST_SEARCHED = 120  # nodes: beyond that it is a network, not a formula


def lower(
    *expressions: Any,
    inputs: Sequence[Any] | None = None,
    precision: str = "float32",
    backend: str = "jax",
    optimise: bool = True,
    sizes: Mapping[str, int] | None = None,
    batch: Mapping[Any, int] | None = None,
    static: Any = None,
    donate: str | Sequence[str] = (),
    matmul: str | None = None,
    loss_scale: float | None = None,
    memory: float | str | None = None,
    cache: str | Path | None = None,
    roll: bool | str = "auto",
) -> Program:
    """A program that computes expressions.

    Args:
        expressions: tensors, numbers, or tuples of them.
        inputs: variables, scalar symbols and dimensions in the order of the arguments; by default
            the variables and scalar symbols by name, then the dimensions that no array has.
        precision: what ``float`` becomes: ``"float32"``, ``"float64"``, ``"bfloat16"`` or
            ``"float16"``; ``"mixed"``: float32, but the factors of matrix products in bfloat16,
            summed in float32 (``"mixed_float16"`` likewise). 64 bits are switched on for the call
            alone.
        backend: ``"jax"`` (compiled) or ``"numpy"``.
        optimise: rewrite the expressions first: into stable forms and, for formulas of a length
            that people write, into the cheapest of equal ones.  That is decided for each set of
            sizes when a call first has it; ``.source`` is the plan for usual sizes,
            ``.source_for(X=(1000, 20))`` that for given ones.
        sizes: typical sizes of dimensions, by name, for the plan of ``.source``.
        batch: compute for many examples: ``{"X": 0}`` for an ``X`` with a new axis 0 that counts
            them, in the dimension ``batch``. Every result has them along a new first axis.
        static: sizes that are fixed, ``{"n": 1000}``, or the names of some in ``sizes``.
        donate: names of inputs that a call may overwrite with its results.
        matmul: precision of matrix products on an accelerator, of float32 numbers:
            ``"highest"``, ``"high"``, ``"tf32"``, ``"bf16"``, ``"default"``.
        loss_scale: for gradients in 16 bits: the expressions are a loss and gradients of it, which
            are derived from this multiple of the loss and divided by it in float32 in the end.
        memory: bytes that a call may use, as a number or as ``"2GB"``: values are computed again
            where keeping them would take more; ``.report(X=...)`` shows the trade.
        cache: a folder in which JAX keeps what it compiles, across processes.
        roll: write layers that are the same computation as one loop, in gradients too: ``"calls"``
            of one compiled function of a layer (parameters stay where they lie; each call takes
            some 30 µs), ``"scan"`` (``jax.lax.scan``: parameters are stacked for every call), True
            for the one that takes less, ``"auto"`` where it pays, for deep models: XLA compiles a
            layer instead of all. NumPy's programs stay as they are. Inside another ``jax.jit``
            the calls are compiled together with the rest, as if the layers were written out.

    Returns:
        A callable; ``.source`` is the module that it runs, ``.inputs`` what it takes.  It gives
        one array for one expression, else a tuple; for a matrix of blocks (the Hessian by several
        variables) a tuple of rows. ``.compile(X=(1000, 20))`` compiles ahead of
        time, ``.report(X=(1000, 20))`` tells what a call costs.

    Raises:
        LoweringError: for what is no tensor, for missing inputs, and for what the backend cannot
            do.
        ShapeError, RankError: for sizes or axes that the expressions do not have.
        BudgetError: for a budget of memory that cannot be met; at the first call with sizes for
            which it cannot.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> x = sf.vector("x", "n")
    >>> f = sf.lower(snp.sum(x * x), backend="numpy", precision="float64")
    >>> float(f(x=[3.0, 4.0]))
    25.0
    >>> g = sf.lower(snp.sum(x * x), batch={"x": 0}, backend="numpy")
    >>> g(x=[[3.0, 4.0], [1.0, 2.0]]).tolist()
    [25.0, 5.0]
    """
    found, many = _flat(expressions)
    found, scale = scaled(found, loss_scale, precision)
    for variant in _variants(batch, static, sizes):
        changed = variant(found)
        found, inputs = changed.expressions, changed.inputs(inputs)
    if memory is not None and backend != "jax":
        raise LoweringError("memory: a program of NumPy computes as it is written: leave it out")
    plans = Plans(
        found,
        precision=checked_precision(precision, backend),
        backend=backend,
        optimise=optimise,
        sizes=sizes or {},
        wishes=Wishes(
            matmul=checked_matmul(matmul, backend),
            memory=None if memory is None else bytes_of(memory),
            scale=scale,
        ),
        roll=_rolling(roll, backend=backend, bounded=memory is not None or bool(donate)),
    )
    program: Program = plans.program(
        inputs,
        many=many,
        settings=Settings(
            donate=(donate,) if isinstance(donate, str) else tuple(donate),
            cache=None if cache is None else str(cache),
            memory=memory is not None,
        ),
    )
    return in_form(expressions, program)


def _rolling(roll: bool | str, *, backend: str, bounded: bool) -> layers.Roll:  # noqa: FBT001
    """How layers become loops."""
    wanted = layers.checked(roll)
    if wanted not in (False, "auto") and bounded:
        raise LoweringError(f"roll={roll!r} goes with no budget of memory and no donated inputs")
    return wanted if backend == "jax" and not bounded else False


def _flat(expressions: Sequence[Any]) -> tuple[list[Tensor], bool]:
    """The tensors asked for, and whether a tuple of results is wanted."""
    found: list[Tensor] = []
    many = len(expressions) != 1
    for expression in expressions:
        several = isinstance(expression, (tuple, list))
        many = many or several
        items = getattr(expression, "leaves", expression) if several else (expression,)
        found.extend(_tensor(item) for item in items)
    if not found:
        raise LoweringError("there is nothing to lower: give at least one expression")
    return found, many


def _variants(
    batch: Mapping[Any, int] | None, static: Any, sizes: Mapping[str, int] | None
) -> Iterator[Callable[[Sequence[Tensor]], Variant]]:
    if batch is not None:
        yield lambda found: over_axis(found, batch)
    if static is not None:
        yield lambda found: at_sizes(found, static, sizes)


@dataclass(frozen=True)
class _Chosen:
    """The expressions that a program computes at some sizes.

    Attributes:
        results: the expressions.
        made: nodes that hold at these sizes, whatever their conditions.
        rules: what led to them.
        scans: the loops whose results they use.
    """

    results: list[Tensor]
    made: Collection[Tensor]
    rules: Callable[[], list[str]]
    scans: tuple[Scan, ...] = ()


class Plans:
    """The programs of some expressions, one for each set of sizes."""

    def __init__(
        self,
        asked: list[Tensor],
        *,
        precision: str,
        backend: str,
        optimise: bool,
        sizes: Mapping[str, int],
        wishes: Wishes,
        roll: layers.Roll = False,
    ) -> None:
        self.asked = asked
        self.precision = precision
        self.backend = backend
        self.sizes = sizes
        self.wishes = wishes
        self.optimise = optimise
        self._known: dict[frozenset[tuple[str, int]], _Chosen] = {}
        ready = list(asked)
        if optimise:
            ready = prepared(packed(asked), partial(_improved, backend=backend))
        self.rolled, self.rules = layers.layered(ready, roll=roll, sizes=sizes), list[str]()
        if optimise:
            self.rolled = self.rolled.mapped(self._recorded(_stable))
        self.stable = self.rolled.everything

    def _recorded(self, improve: Improve) -> Callable[[Sequence[Tensor]], list[Tensor]]:
        """A rewriting whose rules are noted."""

        def improved(expressions: Sequence[Tensor]) -> list[Tensor]:
            results, rules = improve(expressions)
            self.rules += rules
            return results

        return improved

    def program(self, inputs: Sequence[Any] | None, *, many: bool, settings: Settings) -> Program:
        """The program of the general plan, and of each other when it is needed."""
        at = {**self.sizes}
        wishes = self.wishes
        if not _are_known(postorder(self.stable), at):
            wishes = replace(wishes, memory=None)  # what a call needs depends on its sizes
        written = self.written(inputs, at, wishes)
        return Program(
            written,
            many=many,
            specialise=self._specialise(written.inputs),
            explain=lambda given: self.told(written.inputs, given),
            settings=settings,
        )

    def _specialise(self, inputs: Sequence[Any]) -> Callable[[Mapping[str, int]], Written] | None:
        bounded = self.wishes.memory is not None
        if not bounded and not (self.optimise and _depends_on_sizes(self.stable)):
            return None
        return lambda at: self.written(inputs, {**self.sizes, **at}, self.wishes)

    def chosen(self, at: Mapping[str, int]) -> _Chosen:
        """The expressions to compute at some sizes."""
        key = frozenset(at.items())
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._chosen(at)
        return self._known[key]

    def _chosen(self, at: Mapping[str, int]) -> _Chosen:
        if not self.optimise:
            return _Chosen(list(self.rolled.roots), (), list, self.rolled.scans)
        made: set[Tensor] = set()
        told: list[Callable[[], list[str]]] = []

        def improved(expressions: Sequence[Tensor]) -> list[Tensor]:
            plain, found = _cheapest(list(expressions), at)
            best, used = _by_kernels(plain, at, self.backend)
            made.update(set(postorder(best)).difference(postorder(plain)))
            told.extend([found, lambda: used])
            return best

        best = self.rolled.mapped(improved)
        rules = lambda: [*self.rules, *(rule for each in told for rule in each())]  # noqa: E731
        return _Chosen(list(best.roots), made, rules, best.scans)

    def written(
        self, order: Sequence[Any] | None, at: Mapping[str, int], wishes: Wishes
    ) -> Written:
        """The program for some sizes."""
        return self._written(self.chosen(at), order, at, wishes)

    def _written(
        self, chosen: _Chosen, order: Sequence[Any] | None, at: Mapping[str, int], wishes: Wishes
    ) -> Written:
        return write(
            chosen.results,
            order,
            precision=self.precision,
            backend=self.backend,
            sizes=at,
            asked=self.asked,
            introduced=chosen.made,
            wishes=wishes,
            scans=chosen.scans,
        )

    def told(self, inputs: Sequence[Any], at: Mapping[str, int]) -> Told:
        """What was asked for and what becomes of it at some sizes."""
        at = {**self.sizes, **at}
        chosen = self.chosen(at)
        wishes = self.wishes
        if wishes.memory is None:
            wishes = replace(wishes, memory=inf)
        written = self._written(chosen, inputs, at, wishes)
        return Told(self.asked, chosen.results, chosen.rules(), written, chosen.scans)


def _stable(expressions: Sequence[Tensor]) -> tuple[list[Tensor], list[str]]:
    if is_scalar_code(expressions):
        done = rewrite(expressions, stability())
    else:
        done = strategy_for("stable")(list(expressions), None)
    if not done.complete:
        warnings.warn(
            "a bound on steps, nodes or seconds was passed: the program is stable in part",
            BudgetWarning,
            stacklevel=2,
        )
    return done.results, [step.rule for step in done.steps]


def _improved(expressions: Sequence[Tensor], backend: str) -> list[Tensor]:
    """The results of a function that a program calls: for all sizes of its arguments."""
    return _by_kernels(_cheapest(_stable(expressions)[0], {})[0], {}, backend)[0]


def _cheapest(
    expressions: list[Tensor], sizes: Mapping[str, int]
) -> tuple[list[Tensor], Callable[[], list[str]]]:
    """The cheapest equal expressions at these sizes, where all are known, and the rules used."""
    order = postorder(expressions)
    if len(order) > _LONGEST_SEARCHED or not _are_known(order, sizes):
        return expressions, list
    names = dimension_names(order)
    found = cheapest(expressions, {name: n for name, n in sizes.items() if name in names})
    return found.results, partial(rules_of, found)


def _by_kernels(
    expressions: list[Tensor], sizes: Mapping[str, int], backend: str
) -> tuple[list[Tensor], list[str]]:
    """The expressions with structured products in their cheap forms, and the rules used.

    These count on entries to leave out and to look up, so that empty arrays are left alone.
    """
    long, rules = len(postorder(expressions)) > _LONGEST_SEARCHED, []
    if 0 not in sizes.values() and not (long and is_scalar_code(expressions)):
        done = rewrite(expressions, presets.programs(sizes, backend))
        expressions, rules = done.results, [step.rule for step in done.steps]
    if long:
        return expressions, rules
    measure = size_hints(sizes) if _are_known(postorder(expressions), sizes) else None
    return with_shared_products(expressions, measure), rules


def _depends_on_sizes(expressions: list[Tensor]) -> bool:
    """Whether another plan may be better at other sizes."""
    order = postorder(expressions)
    if all(isinstance(size, int) for node in order for size in node.shape):
        return False
    return len(order) <= _LONGEST_SEARCHED or any(
        isinstance(node, Einsum) and len(node.operands) > 2 for node in order
    )


def _are_known(nodes: Sequence[Tensor], sizes: Mapping[str, int]) -> bool:
    """Whether every dimension has a size; without one, which form is cheaper is a guess."""
    return all(
        isinstance(size, int) or all(symbol.name in sizes for symbol in size.free_symbols)
        for node in nodes
        for size in node.shape
    )


def _tensor(value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value
    try:
        return as_tensor(value)
    except SymflowError as error:
        raise LoweringError(f"{type(value).__name__} is no tensor: {error}") from error
