"""Facts about contractions: signs of products, symmetric, definite, triangular ... matrices."""

from collections import Counter

import sympy as sp

from symflow.core import Einsum, Tensor, contract
from symflow.core.dims import Shape, is_one
from symflow.core.fusion import is_fuse
from symflow.core.labels import Labels
from symflow.ops.known import MATRICES, Facts, closed, equal_sizes, known, of_number

_MOST_IN_CHAIN = 8
Part = tuple[Tensor, Labels]


def of_contraction(node: Einsum) -> set[str]:
    """What follows from the operands of a contraction and from its structure."""
    found = _entries(node)
    shape = node.shape
    if len(shape) >= 2 and equal_sizes(shape[-1], shape[-2]):
        found |= _matrix_of_product(node)
    if len(node.operands) == 1 and node.coefficient is sp.S.One:
        found |= _along_last_axis(node)
    return found


def _along_last_axis(node: Einsum) -> set[str]:
    """What a view keeps of facts about vectors in the last axis."""
    (labels,) = node.subscripts
    kept = {"simplex", "one_hot", "unit_norm"} & known(node.operands[0])
    if not kept or node.summed or not node.output or len(set(node.output)) < len(node.output):
        return set()
    return kept if labels[-1] == node.output[-1] and len(set(labels)) == len(labels) else set()


def _entries(node: Einsum) -> set[str]:
    operands = node.operands
    if not all(map(known, operands)) and len(set(operands)) == len(operands):
        return set()
    shown = len(set(node.output))
    repeated = shown < len(node.output)
    pairs = list(zip(node.operands, node.subscripts, strict=True))
    summed = shown < len(node.sizes)
    return _of_factors(pairs, node.coefficient, summed=summed, zeros=repeated)


def _of_factors(
    pairs: list[tuple[Tensor, Labels]], coefficient: sp.Expr, *, summed: bool, zeros: bool
) -> set[str]:
    """Facts about the entries of a product; ``zeros`` where a diagonal leaves zeros beside."""
    each = []
    if len(set(pairs)) == len(pairs):
        for operand, labels in pairs:
            have = _facts_under(operand, labels)
            if not have:
                return set()
            each.append(have)
    else:
        counts = Counter(pairs)
        each = [_power_facts(known(operand), count) for (operand, _), count in counts.items()]
        if not all(each):
            return set()
    number = of_number(coefficient)
    each.append(number)
    found = _product_sign(each, zeros=zeros)
    common = frozenset.intersection(*each)
    if "integer" in common:
        found.add("integer")
    if not summed:
        kept = {"in_unit_interval", "zero_one"} if zeros else _CLOSED_FOR_ENTRIES
        found |= common & kept
    return found


def _facts_under(operand: Tensor, labels: Labels) -> Facts:
    """The facts about the entries of an operand that its labels show: a diagonal has its own."""
    have = known(operand)
    if len(labels) < 2 or labels[-1] != labels[-2]:
        return have
    if "positive_diagonal" in have:
        return closed(have | {"positive"})
    return closed(have | {"nonnegative"}) if "positive_semidefinite" in have else have


_CLOSED_FOR_ENTRIES = frozenset({"in_unit_interval", "zero_one", "plus_minus_one", "nonzero"})


def _product_sign(each: list[Facts], *, zeros: bool) -> set[str]:
    total = 1
    for have in each:
        total *= _sign(have)
    if not total:
        return set()
    strict = not zeros and all("nonzero" in have for have in each)
    names = ("positive", "nonnegative") if total > 0 else ("negative", "nonpositive")
    return {names[0] if strict else names[1]}


def _power_facts(have: Facts, count: int) -> Facts:
    """Facts about a factor that occurs several times."""
    if count % 2:
        return have
    found = set(have) | ({"positive"} if "nonzero" in have else {"nonnegative"})
    if "plus_minus_one" in have:
        found |= {"zero_one", "positive"}
    return closed(frozenset(found))


def _sign(have: Facts) -> int:
    if "nonnegative" in have:
        return 1
    return -1 if "nonpositive" in have else 0


def _matrix_of_product(node: Einsum) -> set[str]:
    row, column = node.output[-2:]
    if {row, column} & set(node.output[:-2]):  # deltas tie the matrix to its place in the stack
        return {"diagonal"} if row == column else set()
    if not node.operands:
        return _matrix_of_literal(node)
    if row == column and not is_one(node.sizes[row]):
        return _matrix_of_diagonal(node)
    if len(node.operands) == 1:
        return _matrix_of_view(node)
    found: set[str] = set()
    if len(node.operands) <= _MOST_IN_CHAIN:
        found = _chain_facts(node) | _mirror_facts(node)
    if "symmetric" not in found:
        opened = _opened(node)
        found |= set() if opened is None else _mirror_facts(opened)
    return found


def _matrix_of_diagonal(node: Einsum) -> set[str]:
    """A product of entries on the diagonal of a matrix."""
    found = {"diagonal"}
    pairs = list(zip(node.operands, node.subscripts, strict=True))
    entries = closed(
        frozenset(_of_factors(pairs, node.coefficient, summed=bool(node.summed), zeros=False))
    )
    if "positive" in entries:
        found.add("positive_definite")
    elif "nonnegative" in entries:
        found.add("positive_semidefinite")
    if "nonzero" in entries:
        found.add("invertible")
    return found


def _opened(node: Einsum) -> Einsum | None:
    """The product with products among its operands taken apart; None where there are none.

    ``A.T @ P`` may be a node of its own in ``(A.T @ P) @ A`` because others use it, too.
    """
    sizes = dict(enumerate(node.sizes))
    parts: list[Part] = []
    coefficient = node.coefficient
    for operand, labels in zip(node.operands, node.subscripts, strict=True):
        if not isinstance(operand, Einsum) or len(set(operand.output)) < len(operand.output):
            parts.append((operand, labels))
            continue
        names = dict(zip(operand.output, labels, strict=True))
        for label, size in enumerate(operand.sizes):
            if label not in names:
                names[label] = len(sizes)
                sizes[len(sizes)] = size
        coefficient = coefficient * operand.coefficient
        inner = zip(operand.operands, operand.subscripts, strict=True)
        parts += [(part, tuple(names[label] for label in own)) for part, own in inner]
    if len(parts) == len(node.operands) or len(parts) > _MOST_IN_CHAIN:
        return None
    if not _may_mirror(parts, node.output):
        return None
    operands, subscripts = zip(*parts, strict=True)
    result = contract(coefficient, operands, subscripts, node.output, sizes, node.dtype)
    return result if isinstance(result, Einsum) and result.rank == node.rank else None


def _matrix_of_literal(node: Einsum) -> set[str]:
    number = of_number(node.coefficient)
    row, column = node.output[-2:]
    if row != column:
        return {"symmetric"}
    found = {"diagonal"}
    if "positive" in number:
        found.add("positive_definite")
    if "nonzero" in number:
        found.add("invertible")
    if node.coefficient == 1:
        found |= {"orthogonal", "permutation"}
    return found


_TURNED = {"lower_triangular": "upper_triangular", "upper_triangular": "lower_triangular"}


def _matrix_of_view(node: Einsum) -> set[str]:
    """``c * A`` or ``c * A.T``, batched or not."""
    (labels,) = node.subscripts
    if len(labels) < 2 or {labels[-1], labels[-2]} != set(node.output[-2:]):
        return {"symmetric"} if set(labels).isdisjoint(node.output[-2:]) else set()
    if len(set(labels)) < len(labels) or node.summed:
        return set()
    have = set(known(node.operands[0])) & MATRICES
    if labels[-1] != node.output[-1]:
        have = {_TURNED.get(name, name) for name in have}
    return have & _kept_by_factor(node.coefficient)


def _kept_by_factor(coefficient: sp.Expr) -> set[str]:
    number = of_number(coefficient)
    kept = {"symmetric", "antisymmetric", "diagonal", "lower_triangular", "upper_triangular"}
    kept.add("tridiagonal")
    if "positive" in number:
        kept |= {"positive_definite", "positive_semidefinite", "positive_determinant"}
        kept.add("positive_diagonal")
    if "nonzero" in number:
        kept |= {"invertible", "full_rank"}
    if coefficient == 1:
        kept |= MATRICES
    if coefficient == -1:
        kept.add("orthogonal")
    return kept


def chain(node: Einsum) -> list[tuple[Tensor, bool]] | None:
    """The factors of a product of matrices, each with whether it stands transposed.

    None where the node is no such product (all operands of rank 2, no batch).
    """
    if node.rank != 2 or len(set(node.output)) != 2:
        return None
    if len(node.sizes) != len(node.operands) + 1:  # `A * A * A` sums over nothing
        return None
    left = list(zip(node.operands, node.subscripts, strict=True))
    if any(len(set(labels)) != 2 or len(labels) != 2 for _, labels in left):
        return None
    at, end = node.output
    factors = []
    while left:
        place = next((k for k, (_, labels) in enumerate(left) if at in labels), None)
        if place is None:
            return None
        operand, labels = left.pop(place)
        factors.append((operand, labels[0] != at))
        at = labels[1] if labels[0] == at else labels[0]
        if any(at in labels for _, labels in left) != bool(left):
            return None
    return factors if at == end else None


_CLOSED_UNDER_PRODUCT = (
    *("lower_triangular", "upper_triangular", "diagonal", "orthogonal", "permutation"),
    *("invertible", "positive_determinant"),
)
_TRIANGULAR = ("lower_triangular", "upper_triangular")


def _chain_facts(node: Einsum) -> set[str]:
    factors = chain(node)
    if factors is None:
        return set()
    kept = {*_CLOSED_UNDER_PRODUCT, "positive_diagonal"}
    for factor, turned in factors:
        have = set(known(factor))
        if not equal_sizes(factor.shape[0], factor.shape[1]):
            have -= {"orthogonal"}
        if turned:
            have = {_TURNED.get(name, name) for name in have}
        kept &= have
        if not kept:
            break
    if kept.isdisjoint(_TRIANGULAR):
        kept.discard("positive_diagonal")
    return kept & _kept_by_factor(node.coefficient)


def _mirror_facts(node: Einsum) -> set[str]:
    """Symmetric where exchanging row and column gives the same network; definite for Grams."""
    if not _may_mirror(list(zip(node.operands, node.subscripts, strict=True)), node.output):
        return set()
    output = (*node.output[:-2], node.output[-1], node.output[-2])
    flipped = contract(
        node.coefficient,
        node.operands,
        node.subscripts,
        output,
        dict(enumerate(node.sizes)),
        node.dtype,
    )
    mirror = _mirror(node)
    if mirror is None:
        return {"symmetric"} if flipped is node else set()
    found = {"symmetric"}
    if "positive" in of_number(node.coefficient):
        semidefinite, definite = mirror
        if definite:
            found.add("positive_definite")
        elif semidefinite:
            found.add("positive_semidefinite")
    return found


def _may_mirror(parts: list[Part], output: Labels) -> bool:
    """A quick look: whether row and column end at the same operands (fuses may yet cancel)."""
    row, column = output[-2:]
    first = sorted(operand.digest for operand, labels in parts if row in labels)
    second = sorted(operand.digest for operand, labels in parts if column in labels)
    return first == second or any(is_fuse(operand) for operand, _ in parts)


def _mirror(node: Einsum) -> tuple[bool, bool] | None:
    """Whether a network is the mirror image of itself under row <-> column.

    Returns:
        None where it is not; else whether it is then positive semidefinite (what stands on the
        mirror is), and definite (all that is mirrored is invertible as well).
    """
    row, column = node.output[-2:]
    image: dict[int, int] = {row: column, column: row}
    for label in node.output[:-2]:
        image[label] = label
    parts = list(zip(node.operands, node.subscripts, strict=True))
    state = _pair_up(parts, image)
    if state is None:
        return None
    middle, sides = state
    semidefinite = all(
        ("positive_semidefinite" in known(x)) if turned else ("nonnegative" in known(x))
        for x, turned in middle
    )
    definite = all(
        ("positive_definite" in known(x)) if turned else ("positive" in known(x))
        for x, turned in middle
    ) and _is_injective(sides, min(row, column), node.sizes)
    return semidefinite, definite and bool(sides or middle)


def _is_injective(sides: list[Part], start: int, sizes: Shape) -> bool:
    """Whether the factors on one side of the mirror, from outside in, send no vector to zero.

    Square ones must be invertible, tall ones of full rank: then ``X.T @ X`` is definite.
    """
    left, at = list(sides), start
    while left:
        part = next((p for p in left if at in p[1]), None)
        if part is None or len(part[1]) != 2:
            return False
        left.remove(part)
        operand, labels = part
        inner = labels[1] if labels[0] == at else labels[0]
        have = known(operand)
        if "invertible" not in have and not ("full_rank" in have and _at_least(inner, at, sizes)):
            return False
        at = inner
    return True


def _at_least(a: int, b: int, sizes: Shape) -> bool:
    first, second = sizes[a], sizes[b]
    return isinstance(first, int) and isinstance(second, int) and first >= second


_Pairs = tuple[list[tuple[Tensor, bool]], list[Part]]


def _pair_up(parts: list[Part], image: dict[int, int]) -> _Pairs | None:
    """Match every operand with its mirror image, extending the map of labels greedily."""
    left = list(parts)
    middle: list[tuple[Tensor, bool]] = []
    sides: list[Part] = []
    near = {label for label, other in image.items() if label != other}
    side = {min(near)} if near else set()
    while left:
        start = next((p for p in left if side.intersection(p[1])), None)
        if start is None:
            return _fixed_rest(left, image, middle, sides)
        left.remove(start)
        operand, labels = start
        if _stands_on_mirror(operand, labels, image, left):
            image.update({labels[-1]: labels[-2], labels[-2]: labels[-1]})
            middle.append((operand, True))
            continue
        partner = _partner(operand, labels, image, left)
        if partner is None:
            return None
        left.remove(partner[0])
        sides.append(start)
        for a, b in zip(labels, partner[1], strict=True):
            image[a], image[b] = b, a
            if a != b:
                side.add(a)
    return middle, sides


def _stands_on_mirror(
    operand: Tensor, labels: Labels, image: dict[int, int], left: list[Part]
) -> bool:
    """A symmetric operand whose two last labels are mirror images of each other."""
    if len(labels) < 2 or "symmetric" not in known(operand):
        return False
    a, b = labels[-2:]
    rest_fixed = all(image.get(label, label) == label for label in labels[:-2])
    if not rest_fixed or a == b:
        return False
    if image.get(a) == b or image.get(b) == a:
        return True
    lone = sum(1 for part in left if part[0] is operand)
    return lone % 2 == 0 and image.get(a, b) == b and image.get(b, a) == a


def _partner(
    operand: Tensor, labels: Labels, image: dict[int, int], left: list[Part]
) -> tuple[Part, Labels] | None:
    """The mirror image of an operand among others, with its labels in the order of the first."""
    for part in left:
        if part[0] is operand:
            readings = [part[1]]
            if len(labels) > 1 and "symmetric" in known(operand):
                readings.append((*part[1][:-2], part[1][-1], part[1][-2]))
            for reading in readings:
                if _fits(labels, reading, image):
                    return part, reading
    return None


def _fits(labels: Labels, others: Labels, image: dict[int, int]) -> bool:
    return all(
        image.get(a, b) == b and image.get(b, a) == a for a, b in zip(labels, others, strict=True)
    )


def _fixed_rest(
    left: list[Part],
    image: dict[int, int],
    middle: list[tuple[Tensor, bool]],
    sides: list[Part],
) -> _Pairs | None:
    """Operands that touch neither side: weights that the mirror leaves in place."""
    for operand, labels in left:
        if any(image.get(label, label) != label for label in labels):
            return None
        middle.append((operand, False))
    return middle, sides
