"""Contractions in SymPy's terms: as an author writes them, by entries, or as arrays."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import sympy as sp
from sympy.tensor.array.expressions import array_expressions as arrays

from symflow.core import Einsum, Tensor, Variable, contract
from symflow.interop.sympy import terms
from symflow.interop.sympy.terms import Term, UnsayableError
from symflow.interop.sympy.trees import written
from symflow.notation.formula import Formula
from symflow.ops.reshaping import is_fuse

_MATRIX = 2
_LETTERS = "klmpqr"


def contraction(node: Einsum, operands: Sequence[Term], *, columns: bool) -> Term:
    """The contraction of terms that a node asks for.

    Args:
        node: the contraction.
        operands: its operands in SymPy's terms.
        columns: whether vectors are matrices of one column.

    Raises:
        UnsayableError: where SymPy has no expression for it.
    """
    ranks = [x.rank for x in node.operands if not is_fuse(x)] + [len(node.output)]
    if max(ranks) <= _MATRIX and (columns or 1 not in ranks):
        try:
            factor, signed = _without_minus(node.coefficient, operands)
            return terms.scaled(factor, _as_written(node, signed))
        except UnsayableError:
            return _by_entries(node, operands)
    if any(term.form is None for term in operands):
        return _by_entries(node, operands)
    if len(node.output) > _MATRIX or (node.output and not columns):
        return _as_arrays(node, operands)
    try:
        return _by_entries(node, operands)
    except UnsayableError:
        if node.output:
            raise
        return _as_arrays(node, operands)


def _without_minus(factor: sp.Expr, operands: Sequence[Term]) -> tuple[sp.Expr, list[Term]]:
    """A minus taken into a sum: ``-A*(y - x)`` is ``A*(x - y)``."""
    result = list(operands)
    if factor.could_extract_minus_sign():
        for place, term in enumerate(operands):
            if isinstance(term.form, sp.MatAdd) and operands.count(term) == 1:
                result[place] = terms.scaled(sp.S.NegativeOne, term)
                return -factor, result
    return factor, result


def _as_written(node: Einsum, operands: Sequence[Term]) -> Term:
    """As an author writes it; what is no variable gets a name for that time."""
    values: dict[Tensor, Term] = {}
    stand_ins: dict[Tensor, Tensor] = {}
    for operand, term in zip(node.operands, operands, strict=True):
        if is_fuse(operand):
            stand_ins[operand] = operand
            continue
        if operand not in stand_ins:
            plain = isinstance(operand, Variable) and not operand.scope
            name = operand.name if plain else f"t_{len(stand_ins)}"
            stand_ins[operand] = Variable(name, operand.shape, operand.dtype)
        values[stand_ins[operand]] = term
    made = contract(
        sp.S.One,
        [stand_ins[operand] for operand in node.operands],
        node.subscripts,
        node.output,
        dict(enumerate(node.sizes)),
        node.dtype,
    )
    formula = Formula([made])
    leaves = {leaf for leaf in made.walk() if leaf in values}
    names = {formula.names.of_variable(leaf): values[leaf] for leaf in leaves}
    for symbol in made.free_symbols - leaves:
        names[formula.names.of_symbol(symbol)] = terms.scalar(symbol)
    return written(formula.trees[0], names)


def _by_entries(node: Einsum, operands: Sequence[Term]) -> Term:
    """Every entry as a sum over the inner indices."""
    shape = tuple(sp.sympify(size) for size in node.shape)

    def entry(indices: Sequence[Any]) -> Any:
        names: dict[int, Any] = {}
        factors: list[Any] = [node.coefficient]
        for label, index in zip(node.output, indices, strict=True):
            if names.setdefault(label, index) is not index:
                factors.append(sp.KroneckerDelta(names[label], index))
        counted = _counted(node, names)
        summed = [label for label in node.summed if label not in names]
        for label, letter in zip(summed, cycle(_LETTERS), strict=False):
            names[label] = sp.Dummy(letter, integer=True)
        for place, (term, labels) in enumerate(zip(operands, node.subscripts, strict=True)):
            if place not in counted:
                factors.append(terms.entry(term, [names[label] for label in labels]))
        limits = [(names[label], 0, node.sizes[label] - 1) for label in summed]
        body = sp.Mul(*factors)
        return sp.Sum(body, *limits) if limits else body

    return terms.from_entries(shape, entry)


def _counted(node: Einsum, names: dict[int, Any]) -> set[int]:
    """Indices that number others (row-major) by their numbers, and back; the operands used up."""
    used: set[int] = set()
    places = [k for k, operand in enumerate(node.operands) if is_fuse(operand)]
    for place in places:
        total, *parts = node.subscripts[place]
        if total in names and not any(part in names for part in parts):
            number = names[total]
            for part in reversed(parts):
                names[part] = sp.Mod(number, node.sizes[part])
                number = sp.floor(number / node.sizes[part])
            used.add(place)
    for place in places:
        total, *parts = node.subscripts[place]
        if total not in names and all(part in names for part in parts):
            number = sp.S.Zero
            for part in parts:
                number = number * node.sizes[part] + names[part]
            names[total] = number
            used.add(place)
    return used


# ------------------------------------------------------------------ arrays


def _as_arrays(node: Einsum, operands: Sequence[Term]) -> Term:
    """A tensor product, its axes contracted, made diagonals, and put in order."""
    factors: list[Any] = []
    labels: list[Any] = []
    scalars = sp.sympify(node.coefficient)
    for term, own in zip(operands, node.subscripts, strict=True):
        if not term.rank:
            scalars = scalars * term.said
            continue
        is_column = term.rank == 1 and terms.is_matrix(term.said)
        factors.append(arrays.Reshape(term.said, term.shape) if is_column else term.said)
        labels.extend(own)
    held = set(labels)
    for label in dict.fromkeys(node.output):
        if label not in held and node.output.count(label) == 1:
            factors.append(arrays.OneArray(sp.sympify(node.sizes[label])))
            labels.append(label)
    output = _told_apart(node, factors, labels)
    if scalars != 1 or not factors:
        factors.insert(0, scalars)
    form = arrays.ArrayTensorProduct(*factors) if len(factors) > 1 else factors[0]
    return Term(tuple(map(sp.sympify, node.shape)), _joined(form, labels, output))


def _told_apart(node: Einsum, factors: list[Any], labels: list[Any]) -> list[int]:
    """Labels of the result, none twice: an identity matrix for each repetition."""
    output: list[int] = []
    fresh = len(node.sizes)
    for label in node.output:
        if label in output:
            factors.append(sp.Identity(sp.sympify(node.sizes[label])))
            labels.extend((label, fresh))
            output.append(fresh)
            fresh += 1
        else:
            output.append(label)
    return output


def _joined(form: Any, labels: list[Any], output: list[int]) -> Any:
    places: dict[Any, list[int]] = {}
    for axis, label in enumerate(labels):
        places.setdefault(label, []).append(axis)
    contracted = [tuple(axes) for label, axes in places.items() if label not in output]
    if contracted:
        form = arrays.ArrayContraction(form, *contracted)
        gone = {axis for group in contracted for axis in group}
        labels = [label for axis, label in enumerate(labels) if axis not in gone]
    groups = {n: [k for k, label in enumerate(labels) if label == n] for n in output}
    shared = {n: axes for n, axes in groups.items() if len(axes) > 1}
    if shared:
        form = arrays.ArrayDiagonal(form, *(tuple(axes) for axes in shared.values()))
        labels = [*(label for label in labels if label not in shared), *shared]
    order = [labels.index(label) for label in output]
    return form if order == sorted(order) else arrays.PermuteDims(form, order)
