"""The verbs that rewrite towards a form: ``expand``, ``factor``, ``collect``, ``normalise``."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from rewrites.expansion import distributing, multiplied_out
from symflow.api.simplify import COLLECT, rewrite
from symflow.core import Scalar, Tensor, Variable, as_tensor, postorder
from symflow.errors import DomainError
from symflow.rewriting.collecting import collected
from symflow.rewriting.engine import EMPTY, Budget, Rewriting
from symflow.rewriting.normal import Form
from symflow.rewriting.onepass import passed
from symflow.rewriting.replay import Change
from symflow.rewriting.ruleset import RuleSet
from symflow.rewriting.strategies import Meter, Strategy, exhaust, joined, normal_form
from symflow.rewriting.strategies import factor as factoring

_OPEN = Form(shared=True)
expanding = Strategy("expand", exhaust(RuleSet("expand", multiplied_out), _OPEN).run)


def expand(x: Any, *, budget: Budget | None = None) -> Any:
    """Products and whole powers of sums multiplied out, contractions among them.

    Args:
        x: an expression, or a tuple or list of them.
        budget: as for :func:`symflow.simplify`.

    >>> import symflow as sf
    >>> a, b = sf.vector("a", "n"), sf.vector("b", "n")
    >>> sf.expand((a + b) * (a - b)), sf.expand((a + b) @ (a + b))
    (a ** 2 - b ** 2, a @ a + 2 * a @ b + b @ b)
    """
    return rewrite(x, expanding, budget=budget)


def factor(x: Any, *, budget: Budget | None = None) -> Any:
    """Factors that the terms of a sum share cut out, on either side of a product.

    Arguments as for :func:`expand`.

    >>> import symflow as sf
    >>> A, B = sf.matrix("A", "n", "n"), sf.matrix("B", "n", "n")
    >>> x = sf.vector("x", "n")
    >>> sf.factor(A @ x + B @ x)
    (A + B) @ x
    """
    return rewrite(x, factoring, budget=budget)


def normalise(x: Any, *, budget: Budget | None = None) -> Any:
    """The normal form alone: like terms collected, products merged, powers added up.

    Arguments as for :func:`expand`.

    >>> import symflow as sf
    >>> x, y = sf.vector("x", "n"), sf.vector("y", "n")
    >>> sf.normalise(x + (y - x) + x * x / x)
    x + y
    """
    return rewrite(x, normal_form, budget=budget)


def collect(x: Any, variable: Any, *, budget: Budget | None = None) -> Any:
    """The terms of each sum that hold a variable in the same way, taken together.

    Sums that hold the variable are multiplied out for it, others are left as they are.

    Args:
        x: an expression, or a tuple or list of them.
        variable: a variable, a SymPy symbol, or a part of ``x`` that depends on variables.
        budget: as for :func:`symflow.simplify`.

    Raises:
        DomainError: for a variable that holds none.

    >>> import symflow as sf
    >>> A, B = sf.matrix("A", "n", "n"), sf.matrix("B", "n", "n")
    >>> x, y, b = sf.vector("x", "n"), sf.vector("y", "n"), sf.scalar("b")
    >>> sf.collect(A @ (x + y) + B @ x, x)
    (A + B) @ x + A @ y
    >>> sf.collect(b * y**2 + y**2 + 2 * y, y)
    (b + 1) * y ** 2 + 2 * y
    """
    return rewrite(x, collecting(variable), budget=budget)


def collecting(variable: Any) -> Strategy:
    """The strategy of :func:`collect`."""
    leaf = as_tensor(variable)
    if not any(isinstance(node, (Variable, Scalar)) for node in postorder([leaf])):
        raise DomainError(f"terms are collected by a variable, got {leaf}")
    return _collecting(leaf)


@lru_cache(maxsize=64)
def _collecting(leaf: Tensor) -> Strategy:
    depends = _depending_on(leaf)
    opening = RuleSet("collect", [distributing(depends)])

    def change(node: Tensor, uses: int) -> Change | None:
        after = collected(node, depends)
        return None if after is None else (COLLECT, node, after)

    def run(roots: list[Tensor], meter: Meter) -> Rewriting:
        opened = meter.run(roots, opening, _OPEN)
        if not meter.complete:
            return opened
        done = joined(opened, meter.spend(passed(opened.results, change, meter.left())))
        return joined(done, meter.run(done.results, EMPTY))  # B.T + C.T as (B + C).T

    return Strategy(f"collect({leaf})", run)


def _depending_on(leaf: Tensor) -> Callable[[Tensor], bool]:
    """Whether a node depends on a variable, remembered on the node."""
    key = f"depends-{leaf.digest}"

    def depends(node: Tensor) -> bool:
        for part in postorder([node], stop=lambda part: key in (part.cache or ())):
            if part.cache is None:
                part.cache = {}
            if key not in part.cache:
                below = part.operands
                part.cache[key] = part is leaf or any((o.cache or {})[key] for o in below)
        return bool((node.cache or {})[key])

    return depends
