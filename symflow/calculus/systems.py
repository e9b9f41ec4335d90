"""Linear systems with a Jacobian of any rank, by its structure.

A Jacobian ``J`` of a residual of shape R by a variable of the same shape has shape ``R + R``.
What is needed of it is ``G J^-1``.  Axes that an identity ties are solved entry by entry, factors
that share no index (a Kronecker product) each for itself, ``A X + X B`` as a Sylvester equation;
what is left becomes one matrix.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

import sympy as sp

from symflow.core.add import Add, add_terms
from symflow.core.dims import Dim, Shape, is_one, same
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.errors import DomainError
from symflow.ops.arithmetic import broadcast_to, power
from symflow.ops.contraction import matrix_transpose
from symflow.ops.linalg import inv
from symflow.ops.reshaping import reshape
from symflow.ops.solving import solve_sylvester

Labels = tuple[int, ...]
Part = tuple[Tensor, Labels]


def viewed(x: Tensor, labels: Sequence[int], output: Sequence[int]) -> Tensor:
    """Diagonals, transposes and sums of the axes of a tensor; of a sum, those of its terms."""
    sizes: dict[int, Dim] = dict(zip(labels, x.shape, strict=True))

    def view(part: Tensor) -> Tensor:
        return contract(sp.S.One, (part,), (tuple(labels),), tuple(output), sizes, part.dtype)

    if not isinstance(x, Add):
        return view(x)
    shape = tuple(sizes[label] for label in output)
    return add_terms([(c, view(term)) for c, term in x.terms], shape, x.dtype)


def solved(seed: Tensor, jacobian: Tensor) -> Tensor:
    """``G J^-1``: the tensor ``L`` of shape ``S + R`` with ``L J = G`` over the axes R.

    Args:
        seed: ``G``, of shape ``S + R``.
        jacobian: ``J``, of shape ``R + R``.

    Raises:
        DomainError: for a Jacobian that is known to be singular.
    """
    rank = jacobian.rank // 2
    pair = _sylvester(jacobian) if rank == 2 else None
    if pair is not None:
        lead = seed.shape[:-2]
        left, right = (broadcast_to(matrix_transpose(side), (*lead, *side.shape)) for side in pair)
        return solve_sylvester(left, right, seed)
    parts = _inverse(jacobian, rank)
    extra = seed.rank - rank
    lead = tuple(range(2 * rank, 2 * rank + extra))
    sizes: dict[int, Dim] = dict(enumerate(jacobian.shape)) | dict(
        zip(lead, seed.shape[:extra], strict=True)
    )
    tied = parts.tied
    output = (*lead, *range(rank))
    of_seed = (*lead, *(tied.get(rank + axis, rank + axis) for axis in range(rank)))
    held = {label for _, labels in parts.operands for label in labels} | {*output, *of_seed}
    operands = [node for node, _ in parts.operands]
    return contract(
        parts.coefficient,
        (*operands, seed),
        (*(labels for _, labels in parts.operands), of_seed),
        output,
        {label: size for label, size in sizes.items() if label in held},
        seed.dtype,
    )


@dataclass(frozen=True)
class _Inverse:
    """An inverse as a product: of the residual's axes ``0 ... r-1`` and the variable's behind.

    Attributes:
        coefficient: a number in front.
        operands: its factors and their labels.
        tied: axes of the variable, each with the axis of the residual that it is tied to.
    """

    coefficient: sp.Expr
    operands: tuple[Part, ...]
    tied: dict[int, int]


def _inverse(jacobian: Tensor, rank: int) -> _Inverse:
    if isinstance(jacobian, Einsum) and jacobian.coefficient == 0:
        raise DomainError("the residual does not depend on the solution: it determines none")
    tied = tied_axes(jacobian, rank)
    labels = tuple(tied.get(axis, axis) for axis in range(2 * rank))
    output = tuple(dict.fromkeys(labels))
    core = viewed(jacobian, labels, output)
    free = [label for label in output if label not in tied.values()]
    if not free:
        return _Inverse(sp.S.One, ((power(core, -1), output),), tied)
    coefficient, groups = _factors(core, output, set(tied.values()))
    if not all(_is_square(part, free, rank) for part in groups):
        coefficient, groups = sp.S.One, [(core, output)]
    inverted = tuple(_inverted(part, free, rank) for part in groups)
    return _Inverse(1 / coefficient, inverted, tied)


def _terms(x: Tensor) -> list[Tensor]:
    return [term for _, term in x.terms] if isinstance(x, Add) else [x]


def tied_axes(jacobian: Tensor, rank: int) -> dict[int, int]:
    """The axes of the variable that an identity ties to one of the residual in every term."""
    common: set[tuple[int, int]] | None = None
    for term in _terms(jacobian):
        pairs = set()
        if isinstance(term, Einsum):
            for k, label in enumerate(term.output[rank:], rank):
                if term.output.count(label) == 2 and label in term.output[:rank]:
                    pairs.add((k, term.output.index(label)))
        common = pairs if common is None else common & pairs
    return dict(sorted(common or ()))


def _factors(core: Tensor, output: Labels, batch: set[int]) -> tuple[sp.Expr, list[Part]]:
    """The factors of a product that share no labels but those of the batch."""
    whole = [(core, output)]
    if not isinstance(core, Einsum) or len(set(core.output)) < len(core.output):
        return sp.S.One, whole
    outside = dict(zip(core.output, output, strict=True))
    stays = {label for label, name in outside.items() if name in batch}
    groups: list[tuple[set[int], list[int]]] = []
    for number, labels in enumerate(core.subscripts):
        own, members = set(labels) - stays, [number]
        for group in [g for g in groups if g[0] & own]:
            groups.remove(group)
            own, members = own | group[0], [*group[1], *members]
        groups.append((own, members))
    held = {label for labels in core.subscripts for label in labels}
    wide = {label for label in outside if not is_one(core.sizes[label])}
    if wide - stays - held:
        return sp.S.One, whole
    return core.coefficient, [_factor(core, members, outside) for _, members in groups]


def _factor(core: Einsum, members: Iterable[int], outside: dict[int, int]) -> Part:
    """Some operands of a product, contracted to the labels that the result shows."""
    chosen = sorted(members)
    subscripts = [core.subscripts[k] for k in chosen]
    shown = tuple(label for label in core.output if any(label in labels for labels in subscripts))
    sizes = {label: core.sizes[label] for labels in subscripts for label in labels}
    operands = [core.operands[k] for k in chosen]
    node = contract(sp.S.One, operands, subscripts, shown, sizes, core.dtype)
    return node, tuple(outside[label] for label in shown)


def _sides(part: Part, free: Sequence[int], rank: int) -> tuple[Labels, Labels, Labels]:
    """The labels of a factor: batch, residual, variable."""
    batch = tuple(label for label in part[1] if label not in free)
    rows = tuple(label for label in part[1] if label in free and label < rank)
    return batch, rows, tuple(label for label in part[1] if label in free and label >= rank)


def _size(part: Part, labels: Labels) -> sp.Expr:
    sizes = dict(zip(part[1], part[0].shape, strict=True))
    return sp.expand(prod(sp.sympify(sizes[label]) for label in labels))


def _is_square(part: Part, free: Sequence[int], rank: int) -> bool:
    _, rows, columns = _sides(part, free, rank)
    return same(_size(part, rows), _size(part, columns))


def _inverted(part: Part, free: Sequence[int], rank: int) -> Part:
    """The inverse of a factor, as a matrix over its batch."""
    node, labels = part
    batch, rows, columns = _sides(part, free, rank)
    if not rows and not columns:
        return power(node, -1), labels
    sizes = dict(zip(labels, node.shape, strict=True))
    ordered = viewed(node, labels, (*batch, *rows, *columns))
    lead: Shape = tuple(sizes[label] for label in batch)
    if len(rows) == len(columns) == 1:
        return inv(ordered), (*batch, *columns, *rows)
    matrix = reshape(ordered, (*lead, _size(part, rows), _size(part, columns)))
    back = (*lead, *(sizes[label] for label in (*columns, *rows)))
    return reshape(inv(matrix), back), (*batch, *columns, *rows)


def _sylvester(jacobian: Tensor) -> tuple[Tensor, Tensor] | None:
    """``A`` and ``B`` where the Jacobian is that of ``A @ X + X @ B``; None elsewhere."""
    if not isinstance(jacobian, Add):
        return None
    sides: tuple[list[tuple[sp.Expr, Tensor]], list[tuple[sp.Expr, Tensor]]] = ([], [])
    for coefficient, term in jacobian.terms:
        side = _one_sided(term)
        if side is None:
            return None
        sides[side[0]].append((coefficient, side[1]))
    if not sides[0] or not sides[1]:
        return None
    left, right = (add_terms(terms, terms[0][1].shape, jacobian.dtype) for terms in sides)
    return left, matrix_transpose(right)


def _one_sided(term: Tensor) -> tuple[int, Tensor] | None:
    """0 and ``A`` for a term ``A[i, p] I[j, q]``, 1 and ``B`` for ``I[i, p] B[j, q]``."""
    if not isinstance(term, Einsum):
        return None
    held = {label for labels in term.subscripts for label in labels}
    for side, (tied, rows) in enumerate(((1, 0), (0, 1))):
        label = term.output[tied]
        shown = (term.output[rows], term.output[rows + 2])
        if term.output[tied + 2] == label and label not in held and label not in shown:
            sizes = {k: size for k, size in enumerate(term.sizes) if k != label}
            arguments = (term.coefficient, term.operands, term.subscripts, shown, sizes, term.dtype)
            return side, contract(*arguments)
    return None
