"""Termination proved: weights of operations under which every rule makes a formula lighter.

A function weighs its own weight and twice (or more) its operands, any other node its own weight and
its operands; products and sums weigh by the number of their joints, so that
merging them changes nothing.  Weights under which each rule's left side is heavier than its right
side, whatever its variables weigh, are found by linear programming: then no chain of rules is
endless.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import sympy as sp
from scipy.optimize import linprog

from symflow.core import Add, Apply, Einsum, Tensor, Variable
from symflow.core.add import split
from symflow.ops.linalg import SLOGDET
from symflow.rewriting.rule import Rule

Weights = Counter[str]
_HEAVIEST = 1e4


def features(side: Tensor) -> Weights:
    """How often each weight counts in that of a formula, taken as a tree."""
    counts: Weights = Counter()
    pending = [(side, 1)]
    while pending:
        node, times = pending.pop()
        for name, count in _own(node).items():
            counts[name] += times * count
        pending.extend((operand, times * _factor(node)) for operand in node.operands)
    return counts


def _factor(node: Tensor) -> int:
    """How often an operand's weight counts; more where a rule moves a function far inside."""
    if not isinstance(node, Apply):
        return 1
    return 4 if node.operation is SLOGDET else 2


def _own(node: Tensor) -> Weights:
    if isinstance(node, Variable):
        return Counter({f"variable {node.name}": 1})
    if isinstance(node, Apply):
        return Counter({_name(node): 1})
    if isinstance(node, Add):
        scaled = sum(c not in (1, -1) for c in node.coefficients)
        return Counter({"sum": len(node.operands) - 1, "number": scaled})
    assert isinstance(node, Einsum)
    counts: Weights = Counter()
    counts["product"] = max(len(node.operands) - 1, 0)
    counts["contraction"] = len(node.summed)
    if not node.operands:
        counts["identity" if len(set(node.output)) < len(node.output) else "constant"] = 1
    elif split(node)[0] != 1:
        counts["minus" if split(node)[0] == -1 else "number"] = 1
    return counts


def _name(node: Apply) -> str:
    """The operation; powers by their exponent, outputs by their number."""
    scalars = [p for p in node.params if isinstance(p, (int, sp.Expr)) and not isinstance(p, tuple)]
    return " ".join([node.operation.name, *map(str, scalars)])


def duplicates(rule: Rule) -> bool:
    """Whether a variable weighs more on the right than on the left."""
    left, right = features(rule.left), features(rule.right)
    return any(right[k] > left[k] for k in right if k.startswith("variable"))


def weights(rules: Iterable[Rule]) -> tuple[dict[str, float], list[str]]:
    """Weights that make as many rules as possible lighter, and the rules that are not.

    Each unknown is the weight of an operation; each rule asks that its left side outweigh its
    right one by 1, a shortfall being what is minimised.
    """
    chosen = list(rules)
    rows = []
    for rule in chosen:
        gain = features(rule.left)
        gain.subtract(features(rule.right))
        rows.append(gain)
    names = sorted({k for row in rows for k in row if not k.startswith("variable")})
    place = {name: k for k, name in enumerate(names)}
    size, count = len(names), len(chosen)
    matrix = np.zeros((count, size + count))
    bound = np.full(count, -1.0)
    for k, row in enumerate(rows):
        for name, times in row.items():
            if name in place:
                matrix[k, place[name]] = -times
            else:
                bound[k] += times  # a variable weighs at least 1
        matrix[k, size + k] = -1.0
    costs = np.concatenate([np.full(size, 1e-6), np.ones(count)])
    limits = [(0.0, _HEAVIEST)] * size + [(0.0, None)] * count
    found = linprog(costs, A_ub=matrix, b_ub=bound, bounds=limits, method="highs")
    assert found.success, found.message
    shortfall = found.x[size:]
    left_over = [rule.name for rule, s in zip(chosen, shortfall, strict=True) if s > 1e-6]
    return dict(zip(names, found.x, strict=False)), left_over
