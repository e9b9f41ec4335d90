"""Entries at integer positions: looked up, added into zeros, written over, sorted.

Positions that a scatter adds to and that are then summed over, or looked up again, need no zeros:
scatter is the adjoint of a lookup, ``<scatter(g, i), x> = <g, x[i]>``.
"""

from collections.abc import Iterator

import sympy as sp

from rewrites.constants import number_of
from symflow.core import Apply, Einsum, Tensor, apply, contract
from symflow.core.dims import same
from symflow.core.dtypes import kind
from symflow.core.fusion import is_fuse
from symflow.core.labels import Labels
from symflow.core.walk import postorder, transform
from symflow.ops.choice import WHERE
from symflow.ops.composite import logsumexp, norm
from symflow.ops.contraction import diagonal, expand_dims
from symflow.ops.contraction import sum as total
from symflow.ops.elementwise import exp
from symflow.ops.facts import has
from symflow.ops.gathering import GATHER, SCATTER, distinct, gather, scatter
from symflow.ops.linalg import EIGH
from symflow.ops.reduction import MAX, MIN, prod
from symflow.ops.reduction import max as largest
from symflow.ops.reduction import min as least
from symflow.ops.sorting import SORT, sort
from symflow.ops.structure import PLACE, SLICE, Run, take_runs
from symflow.ops.updates import SCATTER_SET, SLICE_SET
from symflow.rewriting import network
from symflow.rewriting.kinds import Vector, n
from symflow.rewriting.rule import Procedure, Rule, Theory, law, theory


def _of(node: Tensor, *operations: object) -> Apply | None:
    return node if isinstance(node, Apply) and node.operation in operations else None


def lookup_of_written(node: Apply) -> Tensor | None:
    """What was written or added into zeros at positions that differ, looked up there again."""
    x, *indices = node.operands
    written = _of(x, SCATTER, SCATTER_SET)
    if written is None or written.params[0] != node.params[0] or not distinct(indices):
        return None
    first = 1 if written.operation is SCATTER else 2
    if written.operands[first:] != tuple(indices):
        return None
    values: Tensor = written.operands[first - 1]
    return values


def entries_of_written(node: Apply) -> Tensor | None:
    """``x.at[1:3].set(v)[1:3] = v``, and ``x.at[1:3].set(v)[5] = x[5]``."""
    written = _of(node.operands[0], SLICE_SET)
    if written is None:
        return None
    x, values = written.operands
    runs, taken = written.params[0], node.params[0]
    if any(_apart(a, b) for a, b in zip(runs, taken, strict=True)):
        return take_runs(x, taken)
    inner = [_inside(a, b) for a, b in zip(runs, taken, strict=True)]
    if any(run is None for run in inner):
        return None
    return take_runs(values, tuple(run for run in inner if run is not None))


def _inside(whole: Run, taken: Run) -> Run | None:
    """A run of positions counted along another one that has them all."""
    if whole == taken:
        return (0, taken[1], 1)
    if whole[2] != 1 or not all(isinstance(value, int) for value in (*whole, *taken)):
        return None
    start, last = taken[0] - whole[0], taken[0] + (taken[1] - 1) * taken[2] - whole[0]
    within = taken[1] > 0 and min(start, last) >= 0 and max(start, last) < whole[1]
    return (start, taken[1], taken[2]) if within else None


def _apart(a: Run, b: Run) -> bool:
    """Whether two runs of whole numbers have no position in common."""
    if not all(isinstance(value, int) for value in (*a, *b)):
        return False
    return {a[0] + k * a[2] for k in range(a[1])}.isdisjoint(b[0] + k * b[2] for k in range(b[1]))


def written_over(node: Apply) -> Tensor | None:
    """``x.at[r].set(v).at[r].set(w) = x.at[r].set(w)``, ``x.at[r].set(x[r]) = x``, and in zeros."""
    x, values, *indices = node.operands
    level = number_of(x)
    if level is not None and level == number_of(values):
        return x
    if isinstance(x, Einsum) and x.coefficient == 0:
        return _into_zeros(node)
    before = _of(x, node.operation)
    if before is not None and (before.params, before.operands[2:]) == (node.params, (*indices,)):
        return node.with_operands((before.operands[0], values, *indices))
    own = _of(values, SLICE, GATHER)
    if own is not None and own.operands == (x, *indices) and own.params == node.params:
        return x
    return None


def _into_zeros(node: Apply) -> Tensor | None:
    """Values written into zeros are added to them, where positions differ."""
    _, values, *indices = node.operands
    if node.operation is SLICE_SET:
        return apply(PLACE, (values,), (node.params[0], node.shape))
    if not distinct(indices):
        return None
    (start,) = node.params
    return scatter(values, indices, node.shape[start : start + len(indices)], start)


def scatter_of_scatter(node: Apply) -> Tensor | None:
    """``zeros(n).at[i].add(zeros(m).at[k].add(v)) = zeros(n).at[i[k]].add(v)``, k a number."""
    inner = _of(node.operands[0], SCATTER)
    if inner is None or len(node.operands) != 2 or len(inner.operands) != 2:
        return None
    position, size = inner.operands[1], inner.params[1][0]
    index = node.operands[1]
    if node.params[0] or inner.params[0] or index.rank != 1 or not is_number(position):
        return None
    assert isinstance(position, Einsum)
    if not isinstance(size, int) or not 0 <= position.coefficient < size:
        return None
    return scatter(inner.operands[0], [gather(index, [position])], node.params[1])


def is_number(node: Tensor) -> bool:
    """Whether a node is a number without axes."""
    return isinstance(node, Einsum) and not node.operands and not node.rank


def decided_in_positions(node: Apply) -> Tensor | None:
    """``where(c, x, f(i(where(c, y, z)))) = where(c, x, f(i(z)))`` for one condition c.

    Inside positions and conditions alone: nothing is differentiated through them.
    """
    condition = _single(node.operands[0])
    if condition is None:
        return None
    changed = False

    def decided(branch: Tensor, side: int) -> Tensor:
        def change(part: Tensor) -> Tensor | None:
            nonlocal changed
            if kind(part.dtype) not in ("int", "bool"):
                return None
            operands = tuple(
                x.operands[side]
                if _of(x, WHERE) is not None and _single(x.operands[0]) is condition
                else x
                for x in part.operands
            )
            if all(a is b for a, b in zip(operands, part.operands, strict=True)):
                return None
            changed = True
            return part.with_operands(operands)

        return transform([branch], change)[0] if len(postorder([branch])) <= _MOST else branch

    branches = [decided(node.operands[side], side) for side in (1, 2)]
    return node.with_operands((node.operands[0], *branches)) if changed else None


def _single(node: Tensor) -> Tensor | None:
    """The condition without axes that a condition repeats."""
    while isinstance(node, Einsum) and len(node.operands) == 1 and not node.summed:
        (node,) = node.operands
    return node if not node.rank and node.dtype == "bool" else None


_MOST = 64  # nodes of a branch


# ------------------------------------------------------------------------ in contractions


def product_with_scatter(node: Einsum) -> Tensor | None:
    """``sum(scatter(g, i) * x) = sum(g * x[i])``; summed out, positions are not needed."""
    parts = network.items(node)
    for place, (operand, labels) in enumerate(parts):
        added = _of(operand, SCATTER)
        if added is None:
            continue
        start, sizes = added.params
        joint = labels[start : start + len(sizes)]
        if any(labels.count(label) > 1 for label in joint):
            continue
        rest = [item for k, item in enumerate(parts) if k != place]
        summed = {label for label in joint if label not in node.output}
        touched = {label for _, own in rest for label in own if label in summed}
        if not touched and summed:
            return _positions_dropped(node, parts, place, summed)
        if len(summed) == len(joint) and all(_open(x, own, summed) for x, own in rest):
            return _looked_up(node, added, labels, rest)
    return None


def product_with_looked_up_identity(node: Einsum) -> Tensor | None:
    """``A @ eye(n)[:, i] = A[:, i]``: a sum against columns of an identity looks them up."""
    parts = network.items(node)
    uses = network.label_uses(node)
    for place, (operand, labels) in enumerate(parts):
        found = _of(operand, GATHER)
        if found is None or len(found.operands) != 2 or not _is_identity(found.operands[0]):
            continue
        index, start = found.operands[1], found.params[0]
        whole = labels[-1] if start == 0 else labels[0]
        inner = labels[:-1] if start == 0 else labels[1:]
        others = [k for k, (_, own) in enumerate(parts) if k != place and whole in own]
        if whole in node.output or uses[whole] != 2 or len(others) != 1:
            continue
        x, own = parts[others[0]]
        if is_fuse(x):
            continue
        axis = own.index(whole)
        fresh = [item for k, item in enumerate(parts) if k not in (place, others[0])]
        fresh.append((gather(x, [index], axis), (*own[:axis], *inner, *own[axis + 1 :])))
        return network.rebuilt(node, fresh, gone=[whole])
    return None


def _is_identity(node: Tensor) -> bool:
    if not isinstance(node, Einsum) or node.operands or node.coefficient != 1:
        return False
    return node.output == (0, 0)


def _open(x: Tensor, own: Labels, summed: set[int]) -> bool:
    """Whether an operand can be looked up along the axes that it shares with a scatter."""
    return not is_fuse(x) and all(own.count(label) == 1 for label in summed.intersection(own))


def _positions_dropped(
    node: Einsum, parts: list[network.Item], place: int, summed: set[int]
) -> Tensor:
    """A scatter summed over some of its positions."""
    operand, labels = parts[place]
    assert isinstance(operand, Apply)
    values, *indices = operand.operands
    start, sizes = operand.params
    joint = labels[start : start + len(sizes)]
    left = [k for k, label in enumerate(joint) if label not in summed]
    own = tuple(label for label in labels if label not in summed)
    if left:
        fresh = scatter(values, [indices[k] for k in left], tuple(sizes[k] for k in left), start)
    else:
        inner = range(start, start + indices[0].rank)
        fresh = _total(values, inner)
    changed = [*parts[:place], (fresh, own), *parts[place + 1 :]]
    return network.rebuilt(node, changed, gone=summed)


def _total(x: Tensor, axes: range) -> Tensor:
    kept = [k for k in range(x.rank) if k not in axes]
    labels = tuple(range(x.rank))
    return contract(sp.S.One, (x,), (labels,), kept, dict(enumerate(x.shape)), x.dtype)


def _looked_up(node: Einsum, added: Apply, labels: Labels, rest: list[network.Item]) -> Tensor:
    """A scatter whose positions are all summed over: what it meets is looked up there."""
    values, *indices = added.operands
    start, sizes = added.params
    joint = labels[start : start + len(sizes)]
    fresh = len(node.sizes)
    inner = tuple(range(fresh, fresh + indices[0].rank))
    parts: list[network.Item] = [(values, (*labels[:start], *inner, *labels[start + len(sizes) :]))]
    for x, own in rest:
        met = [label for label in joint if label in own]
        if not met:
            parts.append((x, own))
            continue
        kept = tuple(label for label in own if label not in met)
        turned = network.transposed(x, _order(own, met))
        positions = [indices[joint.index(label)] for label in met]
        parts.append((gather(turned, positions), (*inner, *kept)))
    more = dict(zip(inner, indices[0].shape, strict=True))
    return network.rebuilt(node, parts, gone=joint, more=more)


def _order(own: Labels, met: list[int]) -> list[int]:
    """The axes met first, in their order."""
    first = [own.index(label) for label in met]
    return [*first, *(k for k, label in enumerate(own) if label not in met)]


# --------------------------------------------------------------------------------- sorting


def ends_of_sorted(node: Apply) -> Tensor | None:
    """``sort(x)[0] = min(x)`` and ``sort(x)[-1] = max(x)``."""
    ordered = _of(node.operands[0], SORT)
    if ordered is None:
        return None
    (x,), ((axis,),) = ordered.operands, ordered.params
    runs = node.params[0]
    start, size, _ = runs[axis]
    if size != 1:
        return None
    first, last = start == 0, same(sp.sympify(start) + 1, x.shape[axis])
    if not first and not last:
        return None
    lines = take_runs(x, (*runs[:axis], (0, x.shape[axis], 1), *runs[axis + 1 :]))
    return expand_dims(apply(MIN if first else MAX, (lines,), ((axis,),)), axis)


def eigenvalues_of_diagonal(node: Apply) -> Tensor | None:
    """``eigvalsh(diag(d)) = sort(d)``."""
    (matrix,) = node.operands
    if node.params != (0,) or not has(matrix, "diagonal"):
        return None
    return sort(diagonal(matrix, 0, -2, -1))


gathering = Theory(
    "positions",
    __doc__ or "",
    (
        law("lookup-of-written", lookup_of_written, GATHER),
        law("entries-of-written", entries_of_written, SLICE),
        law("scatter-of-scatter", scatter_of_scatter, SCATTER),
        law("decided-in-positions", decided_in_positions, WHERE),
        law("written-over", written_over, SLICE_SET, SCATTER_SET),
        Procedure(
            "product-with-scatter",
            product_with_scatter,
            ((Einsum, SCATTER),),
            law="sum(scatter(g, i) * x) = sum(g * x[i])",
        ),
        law("ends-of-sorted", ends_of_sorted, SLICE),
        law("eigenvalues-of-diagonal", eigenvalues_of_diagonal, EIGH),
        Procedure(
            "product-with-looked-up-identity",
            product_with_looked_up_identity,
            ((Einsum, GATHER),),
            law="A @ eye(n)[:, i] = A[:, i]",
        ),
    ),
)


@theory("order")
def order(v: Vector[n]) -> Iterator[Rule]:
    """What does not depend on the order of entries needs no sorting."""
    yield Rule("sort-of-sort", sort(sort(v)), sort(v))
    yield Rule("sum-of-sort", total(sort(v)), total(v))
    yield Rule("prod-of-sort", prod(sort(v)), prod(v))
    yield Rule("max-of-sort", largest(sort(v)), largest(v))
    yield Rule("min-of-sort", least(sort(v)), least(v))
    yield Rule("norm-of-sort", norm(sort(v)), norm(v))
    yield Rule("logsumexp-of-sort", logsumexp(sort(v)), logsumexp(v))
    yield Rule("sort-of-exp", sort(exp(v)), exp(sort(v)))
