"""The verbs that rewrite: ``simplify`` and ``derivation``."""

from collections.abc import Callable, Sequence
from typing import Any

from rewrites import presets
from symflow.api.evaluation import agree
from symflow.core import Add, Einsum, Tensor, attach, postorder
from symflow.core.convert import as_tensor
from symflow.rewriting import normal, refold
from symflow.rewriting.derivation import Derivation, Step, derived
from symflow.rewriting.engine import Budget, Rewriting, rewrite
from symflow.rewriting.equality import same_form
from symflow.rewriting.normal import Form
from symflow.rewriting.refold import refold_all
from symflow.rewriting.rule import Rule

# expansion is tried on formulas, not on networks
_LARGEST_FORMULA = 150
# steps of these names are no rules
_PASSES = frozenset({normal.NAME, refold.NAME})
_EXPANSION = Budget(steps=400, growth=6.0, seconds=2.0)


def simplify(x: Any, goal: str = "readable") -> Any:
    """An equal expression in simpler form.

    Args:
        x: an expression, or a tuple or list of them, which are then simplified together.
        goal: ``"readable"`` for the shortest formula; ``"stable"`` for one that neither overflows
            nor cancels; ``"normal"`` for the normal form alone; ``"recognise"`` to name the
            functions that are spelled out.

    Raises:
        ValueError: for an unknown goal.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> x = sf.vector("x", "n")
    >>> sf.simplify(snp.exp(x) / snp.sum(snp.exp(x))) == sf.nn.softmax(x)
    True
    """
    if isinstance(x, (tuple, list)):
        return type(x)(_rewritten([as_tensor(item) for item in x], goal).results)
    return _rewritten([as_tensor(x)], goal).results[0]


def derivation(x: Any, goal: str = "readable") -> Derivation:
    """How :func:`simplify` gets to its result, step by step."""
    start = as_tensor(x)
    done = _rewritten([start], goal)
    return derived(
        start, done.results[0], done.stages, same_form, complete=done.complete, replay=replays
    )


def replays(step: Step) -> bool:
    """Whether a step holds: its rule gives it; for a pass, the two sides are equal.

    Equal sides have one normal form, or the same values on random data.
    """
    if step.rule in _PASSES and step.law is None:
        return same_form(step.before, step.after) or agree(step.before, step.after)
    rule = step.law or presets.CATALOGUE.get(step.rule)
    if isinstance(rule, Rule):
        return any(after is step.after for after in rule.every(step.before))
    return rule is not None and rule.apply(step.before) is step.after


def _rewritten(roots: Sequence[Tensor], goal: str) -> Rewriting:
    if goal not in _GOALS:
        raise ValueError(f"unknown goal {goal!r}; known: {', '.join(_GOALS)}")
    return _GOALS[goal](roots)


def _readable(roots: Sequence[Tensor]) -> Rewriting:
    """The catalogue, and multiplying out where that is shorter; then sums factored again."""
    plain = _shown(rewrite(roots, presets.READABLE))
    order = postorder(plain.results)
    if len(order) > _LARGEST_FORMULA or not any(isinstance(node, Add) for node in order):
        return plain
    opened = rewrite(roots, presets.EXPANDED, form=Form(shared=True), budget=_EXPANSION)
    if not opened.complete:
        return plain
    opened = _shown(opened)
    return opened if _length(opened.results) < _length(plain.results) else plain


def _shown(done: Rewriting) -> Rewriting:
    """The last touch: forms shorter to read, sums factored."""
    display = rewrite(done.results, presets.DISPLAY)
    stages = [*done.stages, *display.stages]
    results = refold_all(display.results, stages)
    steps = [*done.steps, *display.steps]
    return Rewriting(results, steps, complete=done.complete, stages=stages)


def _length(roots: Sequence[Tensor]) -> int:
    """About the number of operators of the printed formulas."""
    total = 0
    for node in postorder(roots):
        if isinstance(node, Einsum):
            total += max(len(node.operands) - 1, 0) + (node.coefficient != 1)
            total += len(node.operands) == 1 and node.output != node.subscripts[0]
        elif isinstance(node, Add):
            total += len(node.operands) - 1 + sum(c not in (1, -1) for c in node.coefficients)
        else:
            total += bool(node.operands)
    return total


_GOALS: dict[str, Callable[[Sequence[Tensor]], Rewriting]] = {
    "readable": _readable,
    "stable": lambda roots: rewrite(roots, presets.STABLE),
    "recognise": lambda roots: rewrite(roots, presets.RECOGNISE),
    "normal": lambda roots: rewrite(roots, presets.NORMALISE),
}


def _method(self: Tensor, goal: str = "readable", **options: Any) -> Any:
    """``x.simplify()``; SymPy's options (``ratio``, ``measure`` ...) have no use here."""
    return simplify(self, goal)


attach({"simplify": _method, "_eval_simplify": _method})
