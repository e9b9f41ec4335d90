"""What is known about the values of a node: positive, symmetric, diagonal ...

Inferred from declared properties through every operation, by tables; cached on the nodes.  A fact
holds wherever the node is defined (NaN excepted); sizes count as positive.  Unknown means no.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import Add, Apply, Constant, Einsum, Scalar, Tensor, Variable, contract, dtypes
from symflow.core.dims import is_one, same
from symflow.core.labels import Labels
from symflow.core.operation import Operation
from symflow.core.properties import closure
from symflow.core.walk import postorder
from symflow.ops import arithmetic, choice, composite, creation, elementwise, linalg, reduction
from symflow.ops.structure import CONCATENATE, PLACE, SLICE

Facts = frozenset[str]
_NONE: Facts = frozenset()
_CACHE = "facts"
_LARGEST_ARRAY = 1 << 16

# facts about entries, and about the matrices in the last two axes
ENTRIES = frozenset(
    {
        *("positive", "nonnegative", "negative", "nonpositive", "nonzero", "in_unit_interval"),
        *("integer", "zero_one", "plus_minus_one"),
    }
)
MATRICES = frozenset(
    {
        *("symmetric", "antisymmetric", "positive_definite", "positive_semidefinite", "diagonal"),
        *("lower_triangular", "upper_triangular", "orthogonal", "invertible"),
        *("positive_determinant", "permutation", "full_rank", "tridiagonal"),
    }
)


def has(node: Tensor, name: str) -> bool:
    """Whether a fact is known to hold for a node.

    Args:
        node: any tensor.
        name: a property of :mod:`symflow.core.properties`, or ``negative``, ``nonpositive``.

    >>> from symflow.core import vector
    >>> has(elementwise.exp(vector("x", "n")), "positive")
    True
    """
    return name in facts(node)


def facts(node: Tensor) -> Facts:
    """All facts known about a node."""
    cache = node.cache
    if cache is not None:
        known: Facts | None = cache.get(_CACHE)
        if known is not None:
            return known
    for part in postorder([node], stop=_is_known):
        if not _is_known(part):
            if part.cache is None:
                part.cache = {}
            part.cache[_CACHE] = _closed(_inferred(part))
    assert node.cache is not None
    result: Facts = node.cache[_CACHE]
    return result


def _is_known(node: Tensor) -> bool:
    return node.cache is not None and _CACHE in node.cache


def _closed(found: Iterable[str]) -> Facts:
    known = frozenset(found)
    if not known:
        return _NONE
    if "negative" in known:
        known |= {"nonpositive", "nonzero"}
    return closure(known)


def _inferred(node: Tensor) -> Iterable[str]:
    if isinstance(node, Variable):
        more = ("orthogonal",) if "permutation" in node.properties and node.rank > 1 else ()
        return (*node.properties, *_of_type(node.dtype), *more)
    if isinstance(node, Einsum):
        return _of_contraction(node)
    if isinstance(node, Add):
        return _of_sum(node)
    if isinstance(node, Apply):
        return (*_of_operation(node), *_of_type(node.dtype))
    if isinstance(node, Scalar):
        return _of_number(node.symbol)
    if isinstance(node, Constant):
        return _of_array(node.array)
    return ()


def _of_type(dtype: str) -> tuple[str, ...]:
    kind = dtypes.kind(dtype)
    return ("zero_one",) if kind == "bool" else ("integer",) if kind == "int" else ()


def _of_number(value: sp.Expr) -> set[str]:
    """Facts about a SymPy number, symbol or expression of dimensions."""
    found = set()
    sizes = bool(value.free_symbols) and bool(value.is_nonnegative)
    if value.is_positive or sizes:
        found.add("positive")
    for name in ("nonnegative", "negative", "nonpositive", "nonzero", "integer"):
        if getattr(value, f"is_{name}"):
            found.add(name)
    if value in (0, 1):
        found.add("zero_one")
    if value in (-1, 1):
        found.add("plus_minus_one")
    if value.is_number and value.is_real and 0 <= value <= 1:
        found.add("in_unit_interval")
    return found


def _of_array(array: "np.ndarray[Any, Any]") -> set[str]:
    if array.size > _LARGEST_ARRAY or array.dtype.kind not in "biuf":
        return set()
    values = array.astype(float)
    tests = {
        "positive": values > 0,
        "nonnegative": values >= 0,
        "negative": values < 0,
        "nonpositive": values <= 0,
        "nonzero": values != 0,
        "integer": values == np.floor(values),
        "zero_one": (values == 0) | (values == 1),
        "plus_minus_one": np.abs(values) == 1,
        "in_unit_interval": (values >= 0) & (values <= 1),
    }
    found = {name for name, test in tests.items() if bool(np.all(test))}
    if array.ndim == 2 and array.shape[0] == array.shape[1]:
        shapes = {
            "symmetric": values == values.T,
            "diagonal": values == np.diag(np.diag(values)),
            "lower_triangular": values == np.tril(values),
            "upper_triangular": values == np.triu(values),
        }
        found |= {name for name, test in shapes.items() if bool(np.all(test))}
    return found


# ---------------------------------------------------------------------------- operations

_KEEPS_SIGN = frozenset(
    {
        *(elementwise.SINH, elementwise.TANH, elementwise.ARCTAN, elementwise.ARCSIN),
        *(elementwise.ARCSINH, elementwise.ARCTANH, elementwise.ERF, elementwise.EXPM1),
        *(elementwise.LOG1P, arithmetic.SIGN),
    }
)
_SIGNS = ("positive", "nonnegative", "negative", "nonpositive", "nonzero")
_BOUNDS = ("positive", "nonnegative", "in_unit_interval")


def _of_operation(node: Apply) -> set[str]:
    operation = node.operation
    found = {"in_unit_interval" if f == "unit_interval" else f for f in operation.facts}
    found &= ENTRIES | MATRICES
    special = _SPECIAL.get(operation)
    if special is not None:
        found |= special(node)
    if operation in _KEEPS_SIGN:
        found |= facts(node.operands[0]).intersection(_SIGNS)
    if operation.elementwise:
        found |= _elementwise_matrix(node)
    return found


def _elementwise_matrix(node: Apply) -> set[str]:
    """Entrywise functions keep symmetry, and zeros where they map zero to zero."""
    if node.rank < 2:
        return set()
    kept = {"symmetric"}
    if node.operation in _KEEPS_SIGN or "odd" in node.operation.facts:
        kept |= {"diagonal", "lower_triangular", "upper_triangular"}
    return set.intersection(kept, *(set(facts(operand)) for operand in node.operands))


def _power(node: Apply) -> set[str]:
    (base,), (exponent,) = node.operands, node.params
    known = facts(base)
    if "positive" in known or ("nonnegative" in known and exponent.is_negative):
        found = {"positive"}
    elif "nonnegative" in known or not exponent.is_integer:
        found = {"nonnegative"}
    elif exponent.is_even:
        found = {"positive"} if "nonzero" in known or exponent.is_negative else {"nonnegative"}
    else:
        found = set(known.intersection(_SIGNS))
    if exponent.is_positive and "in_unit_interval" in known:
        found.add("in_unit_interval")
    if exponent.is_integer and exponent.is_nonnegative and "integer" in known:
        found.add("integer")
    return found


def _absolute(node: Apply) -> set[str]:
    known = facts(node.operands[0])
    found = {"nonnegative", *known.intersection(("integer",))}
    if "nonzero" in known:
        found.add("positive")
    if known.intersection(("in_unit_interval", "plus_minus_one")):
        found.add("in_unit_interval")
    return found


def _every(*names: str) -> Callable[[Apply], set[str]]:
    """The facts of these that all operands have."""

    def common(node: Apply) -> set[str]:
        kept = set(names)
        for operand in node.operands:
            kept &= facts(operand)
        return kept

    return common


def _maximum(node: Apply) -> set[str]:
    found = _every(*ENTRIES)(node)
    for operand in node.operands:
        found |= facts(operand).intersection(("positive", "nonnegative"))
    return found


def _minimum(node: Apply) -> set[str]:
    found = _every(*ENTRIES)(node)
    for operand in node.operands:
        found |= facts(operand).intersection(("negative", "nonpositive"))
    return found


def _chosen(node: Apply) -> set[str]:
    kept = set(ENTRIES)
    for operand in node.operands[1:]:
        kept &= facts(operand)
    return kept


def _same_entries(node: Apply) -> set[str]:
    return set(facts(node.operands[0]).intersection(ENTRIES))


def _cast(node: Apply) -> set[str]:
    if dtypes.kind(node.dtype) == "bool":
        return set()
    known = set(facts(node.operands[0]))
    if dtypes.kind(node.dtype) == "int":
        known &= {"nonnegative", "integer", "zero_one", "plus_minus_one", "in_unit_interval"}
    return known & (ENTRIES | {"symmetric", "diagonal", "one_hot"})


def _placed(node: Apply) -> set[str]:
    kept = {"nonnegative", "nonpositive", "integer", "zero_one", "in_unit_interval"}
    return kept & facts(node.operands[0])


def _softmax(node: Apply) -> set[str]:
    return {"positive", "in_unit_interval"} | (
        {"simplex"} if node.params[0] == (node.rank - 1,) else set()
    )


def _inverse(node: Apply) -> set[str]:
    kept = {"symmetric", "antisymmetric", "positive_definite", "diagonal", "orthogonal"}
    kept |= {"lower_triangular", "upper_triangular", "positive_determinant", "permutation"}
    # a positive semidefinite matrix that has an inverse is positive definite
    known = set(facts(node.operands[0]))
    found = {"invertible", *(kept & known)}
    if "positive_semidefinite" in known:
        found.add("positive_definite")
    return found


def _determinant(node: Apply) -> set[str]:
    known = facts(node.operands[0])
    if "positive_determinant" in known:
        return {"positive"}
    if "positive_semidefinite" in known:
        return {"nonnegative"}
    return {"nonzero"} if "invertible" in known else set()


def _slogdet(node: Apply) -> set[str]:
    if node.params[0] == 1:
        return set()
    known = facts(node.operands[0])
    found = {"integer"}
    if "positive_determinant" in known:
        found |= {"positive", "plus_minus_one"}
    elif "invertible" in known:
        found.add("plus_minus_one")
    return found


def _eigen(node: Apply) -> set[str]:
    if node.params[0] == 1:
        return {"orthogonal"}
    known = facts(node.operands[0])
    if "positive_definite" in known:
        return {"positive"}
    return {"nonnegative"} if "positive_semidefinite" in known else set()


def _triangular_factor(node: Apply) -> set[str]:
    return {"orthogonal"} if node.params[0] == 0 else {"upper_triangular"}


_SPECIAL: dict[Operation, Callable[[Apply], set[str]]] = {
    arithmetic.SCALAR_POWER: _power,
    arithmetic.ABS: _absolute,
    arithmetic.CAST: _cast,
    arithmetic.SIGN: lambda node: {"integer"}
    | ({"plus_minus_one"} if has(node.operands[0], "nonzero") else set()),
    arithmetic.POWER: lambda node: {"positive"} & facts(node.operands[0]),
    choice.MAXIMUM: _maximum,
    choice.MINIMUM: _minimum,
    choice.WHERE: _chosen,
    choice.HEAVISIDE: lambda node: {"in_unit_interval"} & facts(node.operands[1]),
    composite.RELU: lambda node: {"positive", "integer", "in_unit_interval"}
    & facts(node.operands[0]),
    composite.SOFTMAX: _softmax,
    composite.NORM: lambda node: {"positive"} & facts(node.operands[0]),
    elementwise.FLOOR: lambda node: {"integer"} | ({"nonnegative"} & facts(node.operands[0])),
    elementwise.CEIL: lambda node: {"integer"}
    | ({"nonnegative", "positive"} & facts(node.operands[0])),
    elementwise.ARCCOS: lambda node: {"nonnegative"},
    reduction.MAX: _same_entries,
    reduction.MIN: _same_entries,
    reduction.PROD: _every(
        "positive", "nonnegative", "nonzero", "integer", "zero_one", "in_unit_interval",
        "plus_minus_one",
    ),
    linalg.INV: _inverse,
    linalg.DET: _determinant,
    linalg.SLOGDET: _slogdet,
    linalg.EIGH: _eigen,
    linalg.QR: _triangular_factor,
    linalg.CHOLESKY: lambda node: {"lower_triangular", "positive_determinant"},
    creation.IOTA: lambda node: {"nonnegative", "integer"},
    SLICE: _same_entries,
    PLACE: _placed,
    CONCATENATE: _every(*ENTRIES),
}


# ------------------------------------------------------------------------- contractions


def _of_contraction(node: Einsum) -> set[str]:
    found = _entries_of_product(node)
    if node.rank >= 2 and same(node.shape[-1], node.shape[-2]):
        found |= _matrix_of_product(node)
    if len(node.operands) == 1 and node.coefficient is sp.S.One:
        found |= _along_last_axis(node)
    return found


def _along_last_axis(node: Einsum) -> set[str]:
    """What a view keeps of facts about vectors in the last axis."""
    (labels,) = node.subscripts
    kept = {"simplex", "one_hot", "unit_norm"} & facts(node.operands[0])
    if not kept or node.summed or not node.output or len(set(node.output)) < len(node.output):
        return set()
    return kept if labels[-1] == node.output[-1] and len(set(labels)) == len(labels) else set()


def _entries_of_product(node: Einsum) -> set[str]:
    number = _of_number(node.coefficient)
    repeated = len(set(node.output)) < len(node.output)
    grouped: Counter[tuple[Tensor, Labels]] = Counter(
        zip(node.operands, node.subscripts, strict=True)
    )
    known = [number, *(_power_facts(facts(x), count) for (x, _), count in grouped.items())]
    found = set()
    signs = [_sign(each) for each in known]
    if all(signs):
        total = 1
        for sign in signs:
            total *= sign
        strict = all("nonzero" in closure(frozenset(each)) for each in known) and not repeated
        names = ("positive", "nonnegative") if total > 0 else ("negative", "nonpositive")
        found.add(names[0] if strict else names[1])
    if all("integer" in each for each in known):
        found.add("integer")
    if not node.summed:
        for name in ("in_unit_interval", "zero_one", "plus_minus_one", "nonzero"):
            if all(name in each for each in known) and not (
                repeated and name in ("plus_minus_one", "nonzero")
            ):
                found.add(name)
    return found


def _power_facts(known: Facts, count: int) -> set[str]:
    """Facts about a factor that occurs several times."""
    found = set(known)
    if count % 2 == 0:
        found |= {"positive"} if "nonzero" in known else {"nonnegative"}
        if "plus_minus_one" in known:
            found |= {"zero_one", "positive"}
    return set(_closed(found))


def _sign(known: Iterable[str]) -> int:
    if "nonnegative" in known or "positive" in known:
        return 1
    return -1 if "nonpositive" in known or "negative" in known else 0


def _matrix_of_product(node: Einsum) -> set[str]:
    row, column = node.output[-2:]
    if {row, column} & set(node.output[:-2]):  # deltas tie the matrix to its place in the stack
        return {"diagonal"} if row == column else set()
    if not node.operands:
        return _matrix_of_literal(node)
    found: set[str] = set()
    if row == column and not is_one(node.sizes[row]):
        found.add("diagonal")
        entries = _entries_of_product(_undiagonal(node))
        if "positive" in entries:
            found.add("positive_definite")
        elif "nonnegative" in entries:
            found.add("positive_semidefinite")
        if "nonzero" in entries:
            found.add("invertible")
        return found
    if len(node.operands) == 1:
        return found | _matrix_of_view(node)
    if len(node.operands) <= _MOST_IN_CHAIN:
        found |= _chain_facts(node)
        found |= _mirror_facts(node)
    return found


_MOST_IN_CHAIN = 8


def _undiagonal(node: Einsum) -> Einsum:
    """The diagonal of a diagonal matrix, as a contraction."""
    result = contract(
        node.coefficient,
        node.operands,
        node.subscripts,
        node.output[:-1],
        dict(enumerate(node.sizes)),
        node.dtype,
    )
    if isinstance(result, Einsum):
        return result
    view = object.__new__(_Entry)
    view.operands, view.subscripts = (result,), (tuple(range(result.rank)),)
    view.output, view.coefficient, view.summed = view.subscripts[0], sp.S.One, ()
    return view  # type: ignore[return-value]


class _Entry:
    """A tensor seen as a contraction of itself."""

    operands: tuple[Tensor, ...]
    subscripts: tuple[Labels, ...]
    output: Labels
    coefficient: sp.Expr
    summed: Labels


def _matrix_of_literal(node: Einsum) -> set[str]:
    number = _of_number(node.coefficient)
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
    known = set(facts(node.operands[0])) & MATRICES
    if labels[-1] != node.output[-1]:
        known = {_TURNED.get(name, name) for name in known}
    return known & _kept_by_factor(node.coefficient)


def _kept_by_factor(coefficient: sp.Expr) -> set[str]:
    number = _closed(_of_number(coefficient))
    kept = {"symmetric", "antisymmetric", "diagonal", "lower_triangular", "upper_triangular"}
    kept.add("tridiagonal")
    if "positive" in number:
        kept |= {"positive_definite", "positive_semidefinite", "positive_determinant"}
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


def _chain_facts(node: Einsum) -> set[str]:
    factors = chain(node)
    if factors is None:
        return set()
    kept = set(_CLOSED_UNDER_PRODUCT)
    for factor, turned in factors:
        known = set(facts(factor))
        if not same(factor.shape[0], factor.shape[1]):
            known -= {"orthogonal"}
        if turned:
            known = {_TURNED.get(name, name) for name in known}
        kept &= known
    return kept & _kept_by_factor(node.coefficient)


def _mirror_facts(node: Einsum) -> set[str]:
    """Symmetric where exchanging row and column gives the same network; definite for Grams."""
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
    if "positive" in _of_number(node.coefficient):
        semidefinite, definite = mirror
        if definite:
            found.add("positive_definite")
        elif semidefinite:
            found.add("positive_semidefinite")
    return found


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
        has(x, "positive_semidefinite") if turned else has(x, "nonnegative")
        for x, turned in middle
    )
    definite = all(
        has(x, "positive_definite") if turned else has(x, "positive") for x, turned in middle
    ) and all(len(labels) == 2 and has(x, "invertible") for x, labels in sides)
    return semidefinite, definite and bool(sides or middle)


Part = tuple[Tensor, Labels]
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
        partner = next((p for p in left if p[0] is operand and _fits(labels, p[1], image)), None)
        if partner is None:
            return None
        left.remove(partner)
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
    if len(labels) < 2 or not has(operand, "symmetric"):
        return False
    a, b = labels[-2:]
    rest_fixed = all(image.get(label, label) == label for label in labels[:-2])
    if not rest_fixed or a == b:
        return False
    if image.get(a) == b or image.get(b) == a:
        return True
    lone = sum(1 for part in left if part[0] is operand)
    return lone % 2 == 0 and image.get(a, b) == b and image.get(b, a) == a


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


# --------------------------------------------------------------------------------- sums


def _of_sum(node: Add) -> set[str]:
    known = [
        _scaled_facts(coefficient, facts(operand)) for coefficient, operand in node.terms
    ]
    common = set.intersection(*known)
    found = common & {
        *("nonnegative", "nonpositive", "integer", "symmetric", "antisymmetric", "diagonal"),
        *("lower_triangular", "upper_triangular", "positive_semidefinite", "tridiagonal"),
    }
    for strict, weak in (("positive", "nonnegative"), ("negative", "nonpositive"),
                         ("positive_definite", "positive_semidefinite")):
        if all(weak in each for each in known) and any(strict in each for each in known):
            found.add(strict)
    if _is_complement(node):
        found |= {"in_unit_interval"}
        if "zero_one" in facts(_other_term(node)):
            found.add("zero_one")
    if node.rank >= 2 and "symmetric" not in found and same(node.shape[-1], node.shape[-2]):
        found |= _mirrored_sum(node)
    return found


def _scaled_facts(coefficient: sp.Expr, known: Facts) -> set[str]:
    number = _closed(_of_number(coefficient))
    if "positive" in number:
        kept = set(known) & (
            {"positive", "nonnegative", "negative", "nonpositive", "nonzero"} | MATRICES
        )
    else:
        swapped = {"positive": "negative", "nonnegative": "nonpositive"}
        swapped |= {b: a for a, b in swapped.items()}
        kept = {swapped[name] for name in known if name in swapped}
        kept |= known & {
            *("symmetric", "antisymmetric", "diagonal", "lower_triangular", "upper_triangular"),
            *("tridiagonal", "nonzero"),
        }
    if "integer" in number and "integer" in known:
        kept.add("integer")
    return kept


def _is_complement(node: Add) -> bool:
    """``1 - x`` with ``x`` from 0 to 1."""
    if len(node.operands) != 2:
        return False
    other = _other_term(node)
    return other is not node and "in_unit_interval" in facts(other)


def _other_term(node: Add) -> Tensor:
    """The ``x`` of ``1 - x``; the node itself where it has another form."""
    for (a, one), (b, other) in (node.terms, node.terms[::-1]):
        constant = isinstance(one, Einsum) and not one.operands
        if constant and a == 1 and b == -1 and len(set(one.output)) == len(one.output):
            return other
    return node


def _mirrored_sum(node: Add) -> set[str]:
    """``A + A.T``: the sum is its own transpose."""
    if len(node.operands) > _MOST_IN_CHAIN:
        return set()
    order = (*range(node.rank - 2), node.rank - 1, node.rank - 2)
    terms = {operand: coefficient for coefficient, operand in node.terms}
    labels = tuple(range(node.rank))
    for coefficient, operand in node.terms:
        flipped = contract(
            sp.S.One, (operand,), (labels,), order, dict(enumerate(operand.shape)), node.dtype
        )
        if terms.get(flipped) != coefficient:
            return set()
    return {"symmetric"}
