"""The goal ``"cost"``: the cheapest of all equal programs that a search finds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sympy as sp

from rewrites import linalg, presets
from rewrites.search import search as search_laws
from symflow.core import Tensor, postorder
from symflow.errors import ShapeError
from symflow.rewriting.choices import Choices
from symflow.rewriting.derivation import Derivation, Passage, Step, passage_of, step_of
from symflow.rewriting.equality import same_form
from symflow.rewriting.ruleset import RuleSet
from symflow.rewriting.saturation.cost import CostModel
from symflow.rewriting.saturation.regions import Found, search
from symflow.rewriting.saturation.saturate import Laws
from symflow.rewriting.saturation.story import turned

Sizes = Mapping[Any, int]
# the laws of low rank have no direction here: costs decide
_REDUCING = [t for t in presets.THEORIES if t is not linalg.low_rank]
_LAWS = Laws(
    RuleSet("reducing", lambda: (rule for theory in _REDUCING for rule in theory)),
    RuleSet("search", search_laws),
)


def cheapest(roots: Sequence[Tensor], sizes: Sizes | None = None) -> Found:
    """Equal expressions that cost no more, together.

    Args:
        roots: the expressions.
        sizes: of dimensions, by name or by symbol; others count as usual for their name.

    Raises:
        ShapeError: for a size that is no whole number from 0 on, and for a dimension that the
            expressions do not have.
    """
    return search(roots, _LAWS, CostModel(named(roots, sizes or {})))


def dimension_names(nodes: Iterable[Tensor]) -> set[str]:
    """The names of the dimensions in the shapes and sums of some nodes."""
    return {
        symbol.name
        for node in nodes
        for size in (*node.shape, *getattr(node, "sizes", ()))
        if isinstance(size, sp.Expr)
        for symbol in size.free_symbols
    }


def named(roots: Sequence[Tensor], sizes: Sizes) -> dict[str, int]:
    """Sizes by name, checked against the dimensions of some expressions."""
    if not sizes:
        return {}
    known = {
        symbol.name
        for node in postorder(roots)
        for size in (*node.shape, *node.scalars())
        if isinstance(size, sp.Expr)
        for symbol in size.free_symbols
        if symbol.is_integer
    }
    found: dict[str, int] = {}
    for key, value in sizes.items():
        name = key.name if isinstance(key, sp.Symbol) else key
        if name not in known:
            has = ", ".join(sorted(known)) or "none"
            raise ShapeError(f"sizes: there is no dimension {name!r}; the expression has {has}")
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ShapeError(f"sizes: {name!r} must be a whole number from 0 on, got {value!r}")
        found[name] = value
    return found


def told(found: Found, replays: Callable[[Step], bool]) -> Derivation:
    """The steps of a search of one expression.

    Args:
        found: what came of the search.
        replays: says whether a step holds that an equation or a pass gave.
    """
    start = current = found.roots[0]
    steps: list[Step] = []
    passages: list[Passage] = []
    for leg in found.legs():
        steps.append(leg.step)
        passages.append(_passage(current, leg.form))
        current = leg.form
    for stage in () if found.final is None else found.final.stages:
        settled = stage.settled(same_form)
        if settled.changes:
            steps.extend(map(step_of, settled.changes))
            passages.append(passage_of(settled))

    def replay(step: Step) -> bool:
        forward = turned(step)
        if isinstance(forward.law, Choices):
            return any(after is forward.after for after in forward.law.every(forward.before))
        return replays(forward)

    return Derivation(
        start,
        found.results[0],
        tuple(steps),
        complete=found.complete,
        replay=replay,
        stages=tuple(passages),
    )


def rules_of(found: Found) -> list[str]:
    """The names of the rules that a search used."""
    names = [leg.step.rule for leg in found.legs()]
    return names if found.final is None else [*names, *(s.rule for s in found.final.steps)]


def _passage(before: Tensor, after: Tensor) -> Passage:
    return Passage(before, after, 1, lambda count: after if count else before)
