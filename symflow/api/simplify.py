"""The verbs that rewrite: ``simplify`` and ``derivation``."""

from collections.abc import Sequence
from typing import Any

from rewrites import presets
from symflow.core import Tensor, attach
from symflow.core.convert import as_tensor
from symflow.rewriting.derivation import Derivation, Step
from symflow.rewriting.engine import Rewriting, rewrite

GOALS = tuple(presets.GOALS)


def simplify(x: Any, goal: str = "readable") -> Any:
    """An equal expression in simpler form.

    Args:
        x: an expression, or a tuple or list of them, which are then simplified together.
        goal: ``"readable"`` for the shortest formula, ``"stable"`` for one that neither
            overflows nor cancels.

    Raises:
        ValueError: for an unknown goal.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> x = sf.vector("x", "n")
    >>> sf.simplify(snp.exp(x) / snp.sum(snp.exp(x))).operation.name
    'nn.softmax'
    """
    if isinstance(x, (tuple, list)):
        return type(x)(_rewritten([as_tensor(item) for item in x], goal).results)
    return _rewritten([as_tensor(x)], goal).results[0]


def derivation(x: Any, goal: str = "readable") -> Derivation:
    """How :func:`simplify` gets to its result, step by step."""
    start = as_tensor(x)
    done = _rewritten([start], goal)
    return Derivation(
        start, done.results[0], tuple(done.steps), complete=done.complete, replay=replays
    )


def replays(step: Step) -> bool:
    """Whether the rule that a step names gives what the step says."""
    rule = presets.CATALOGUE.get(step.rule)
    return rule is not None and rule.apply(step.before) is step.after


def _rewritten(roots: Sequence[Tensor], goal: str) -> Rewriting:
    if goal not in presets.GOALS:
        raise ValueError(f"unknown goal {goal!r}; known: {', '.join(GOALS)}")
    outcome = Rewriting(list(roots))
    for rules in presets.GOALS[goal]:
        phase = rewrite(outcome.results, rules)
        outcome.results = phase.results
        outcome.steps += phase.steps
        outcome.complete = outcome.complete and phase.complete
    return outcome


def _method(self: Tensor, goal: str = "readable", **options: Any) -> Any:
    """``x.simplify()``; SymPy's options of that name (``ratio``, ``measure`` ...) have no use."""
    return simplify(self, goal)


attach({"simplify": _method, "_eval_simplify": _method})
