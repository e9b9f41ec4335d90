"""Estimates that guide factoring: operators as they would be written, and work by size.

Operators are counted as a reader counts them: a product, a sum, a transpose, a function is one,
equal parts count once, constants and broadcasts nothing.
"""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from functools import lru_cache

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor
from symflow.core.dims import Dim
from symflow.core.labels import Labels
from symflow.ops import facts
from symflow.ops.arithmetic import SCALAR_POWER
from symflow.rewriting.network import Item, items

# log2 of the size that a symbolic dimension is taken to have
_SYMBOLIC = 7.0
_KEY = "refold.operators"
Bits = tuple[tuple[int, float], ...]


def bits(size: Dim) -> float:
    """The logarithm of a size (of a usual one, where it is a symbol)."""
    return float(max(size, 2).bit_length() - 1) if isinstance(size, int) else _SYMBOLIC


def effort(parts: Sequence[Item], output: Iterable[int], sizes: dict[int, Dim]) -> float:
    """The logarithm of the largest step of a contraction done pair by pair in a good order."""
    return _steps(parts, output, sizes)[0]


def work(parts: Sequence[Item], output: Iterable[int], sizes: dict[int, Dim]) -> float:
    """The sum of all steps of a contraction done pair by pair in a good order."""
    return _steps(parts, output, sizes)[1]


def _steps(
    parts: Sequence[Item], output: Iterable[int], sizes: dict[int, Dim]
) -> tuple[float, float]:
    names: dict[int, int] = {}
    for label in output:
        names.setdefault(label, len(names))
    shown = len(names)
    terms = tuple(
        frozenset(names.setdefault(label, len(names)) for label in labels) for _, labels in parts
    )
    weights = tuple(bits(sizes[label]) for label in names)
    return _effort(terms, shown, weights)


@lru_cache(maxsize=8192)
def _effort(
    terms: tuple[frozenset[int], ...], shown: int, weights: tuple[float, ...]
) -> tuple[float, float]:
    def weight(labels: Iterable[int]) -> float:
        return sum(weights[label] for label in labels)

    result = frozenset(range(shown))
    open_terms = list(terms)
    most = max([weight(result), *map(weight, open_terms)])
    total = 0.0
    while len(open_terms) > 1:
        best: tuple[float, float, int, int] | None = None
        for i, a in enumerate(open_terms):
            for j in range(i):
                b = open_terms[j]
                step = weight(a | b) + (0.0 if a & b else 1000.0)
                if best is None or step < best[0]:
                    best = (step, weight(a | b), i, j)
        assert best is not None
        _, step, i, j = best
        both = open_terms.pop(i) | open_terms.pop(j)
        most = max(most, step)
        total += 2.0 ** weight(both)
        needed = result.union(*open_terms)
        open_terms.append(both & needed)
    return most, total


def is_symmetric(operand: object) -> bool:
    """Whether an operand is a matrix (or a stack of them) known to be its own transpose."""
    if not isinstance(operand, Tensor) or len(operand.shape) < 2:
        return False
    return operand.shape[-1] == operand.shape[-2] and facts.has(operand, "symmetric")


def flips(
    parts: Sequence[tuple[object, Labels]], output: Sequence[int]
) -> tuple[set[object], bool]:
    """The matrices that a product read from its first axis shows transposed.

    Returns:
        Those matrices, and whether writing the transpose of the product instead is taken to be
        shorter (the set then holds the others, and the product itself counts one more).
    """
    uses = Counter(label for _, labels in parts for label in labels)
    uses.update(output)
    matrices = [part for part in parts if len(part[1]) == 2 and all(uses[k] > 1 for k in part[1])]
    if not matrices:
        return set(), False
    if output or len(matrices) < len(parts):
        distance = _distances(parts, output)
    elif len(parts) == 2:
        return set(), False  # trace(A @ B) or sum(A * B)
    else:  # a cycle is read from its first matrix on
        matrices = matrices[1:]
        distance = _distances(matrices, parts[0][1][1:])
    straight: set[object] = set()
    against: set[object] = set()
    for operand, (first, last) in matrices:
        if first != last and not is_symmetric(operand):
            (against if distance[first] > distance[last] else straight).add(operand)
    if len(output) == 1:
        return against, False
    whole = len(output) == 2
    if len(straight) + whole < len(against):
        return straight, whole
    return against, False


def transposes(parts: Sequence[tuple[object, Labels]], output: Sequence[int]) -> int:
    """How many transposes a product shows."""
    against, whole = flips(parts, output)
    return len(against) + whole


def _distances(parts: Sequence[tuple[object, Labels]], output: Sequence[int]) -> dict[int, int]:
    """How far each label is from an axis of the output, the first if it can (or from some end)."""
    near: dict[int, list[Labels]] = {}
    for _, labels in parts:
        for label in labels:
            near.setdefault(label, []).append(labels)
    ends = (labels[0] for _, labels in parts if len(labels) == 1)
    distance: dict[int, int] = {}
    for start in (*output, *ends, *near):
        if start in distance:
            continue
        distance[start] = 0
        front = [start]
        while front:
            reached = []
            for label in front:
                for labels in near.get(label, ()):
                    for other in labels:
                        if other not in distance:
                            distance[other] = distance[label] + 1
                            reached.append(other)
            front = reached
    return distance


def operators(roots: Iterable[Tensor], free: Container[Tensor] = ()) -> tuple[int, list[Einsum]]:
    """Operators between ``roots`` and the nodes in ``free``, and the products among them.

    Args:
        roots: where to start.
        free: nodes that cost nothing because they are there in any case.
    """
    seen: set[Tensor] = set()
    stack = list(roots)
    transposed: set[object] = set()
    products: list[Einsum] = []
    total = 0
    while stack:
        node = stack.pop()
        if node in seen or node in free:
            continue
        seen.add(node)
        stack.extend(node.operands)
        if isinstance(node, Einsum):
            own, against = _of_product(node)
            total += own
            transposed.update(against)
            if len(node.operands) > 1:
                products.append(node)
        elif isinstance(node, Add):
            total += len(node.operands) - 1
            total += sum(_is_scaled(c, term) for c, term in node.terms)
        elif isinstance(node, Apply):
            # x / y is one operation, and counted with the product
            total += not (node.operation is SCALAR_POWER and node.params[0] == -1)
    return total + len(transposed), products


def _is_scaled(coefficient: sp.Expr, term: Tensor) -> bool:
    """Whether a term is written with a number before it (a constant is one itself)."""
    if coefficient.is_Integer and abs(coefficient) == 1:
        return False
    return not isinstance(term, Einsum) or bool(term.operands)


def _of_product(node: Einsum) -> tuple[int, set[object]]:
    """The operators of a product but its transposes, and the operands that it transposes."""
    cache = node.cache
    if cache is None:
        cache = node.cache = {}
    known: tuple[int, set[object]] | None = cache.get(_KEY)
    if known is None:
        known = cache[_KEY] = _counted(node)
    return known


def _counted(node: Einsum) -> tuple[int, set[object]]:
    parts = items(node)
    total = 0 if not parts or abs(node.coefficient) == 1 else 1
    total += _of_output(node)
    if not parts:
        return max(0, total - 1), set()
    distinct = dict.fromkeys(parts)
    if len(parts) == 1:
        labels = parts[0][1]
        if set(labels) - set(node.output) or len(set(labels)) < len(labels):
            return total + 1, set()  # a sum over axes, a trace, a diagonal
        if len(labels) > 2 and [k for k in node.output if k in labels] != list(labels):
            return total + 1, set()  # axes in another order
    elif not node.output and all(len(labels) > 1 for _, labels in parts):
        total += 1  # the trace or the sum around the product
    repeated = sum(parts.count(part) > 1 for part in distinct) if len(distinct) < len(parts) else 0
    total += _sums(node, parts)
    against, whole = flips(list(distinct), node.output)
    return total + len(distinct) - 1 + repeated + whole, against


def _sums(node: Einsum, parts: Sequence[Item]) -> int:
    """The operands that are summed over an axis which nothing else has."""
    uses = Counter(label for _, labels in parts for label in labels)
    shown = set(node.output)
    return sum(
        any(uses[label] == 1 and label not in shown for label in labels) for _, labels in parts
    )


def _of_output(node: Einsum) -> int:
    """The identities and diagonals in the output."""
    if len(set(node.output)) == len(node.output):
        return 0
    return sum(count > 1 for count in Counter(node.output).values())
