"""A derivative as it is worked out on paper: parts get names, each its differential.

The graph of a function is cut at the nodes that an author would name: what is used twice, what a
nonlinear function is taken of, what is long.  Every part is then short, a formula in the names of
others, and so are its differential and the cotangents of what it is made of: however large the
graph, the whole is linear in it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from symflow.calculus.differential import Calculus
from symflow.calculus.forward import push_forward, tangent_of
from symflow.calculus.reverse import pull_back
from symflow.core import dtypes
from symflow.core.add import Add, add_terms, scaled
from symflow.core.apply import Apply
from symflow.core.dims import Shape
from symflow.core.einsum import Einsum
from symflow.core.node import Tensor
from symflow.core.variable import Variable
from symflow.core.walk import postorder, transform
from symflow.ops.facts import facts
from symflow.rewriting.sides import held, is_name, move_of

_LONGEST = 10  # nodes of a part
_LONG = 4  # nodes of a constant part that is named where it is used twice
_PASSED_ON = frozenset(
    {
        *("symmetric", "antisymmetric", "diagonal", "lower_triangular", "upper_triangular"),
        *("positive_definite", "invertible", "orthogonal", "positive", "nonnegative", "nonzero"),
    }
)
# written shorter than any name would be
_COMPACT = frozenset({"inv", "exp", "det", "power", "abs", "slogdet"})


@dataclass(frozen=True)
class Use:
    """One rule at one node: ``d(node) = differential``.

    Attributes:
        rule: the name of the rule.
        node: in terms of names.
        differential: linear in the ``d`` of the operands.
        moves: the ``d`` of each operand.
        law: the rule as a mathematician writes it.
        source: where it is taken from.
    """

    rule: str
    node: Tensor
    differential: Tensor
    moves: Mapping[Tensor, Tensor]
    law: str = ""
    source: str = ""

    @property
    def moved(self) -> tuple[Tensor, ...]:
        """The operands that have no name, in the order of what stands for their ``d``."""
        return tuple(x for x in self.moves if not is_name(x))


@dataclass(frozen=True)
class Part:
    """A named part of a graph.

    Attributes:
        node: in the graph, up to its sign.
        name: the variable that stands for it.
        body: what it is, in the names of others.
        inputs: the names (and the variable of differentiation) that it varies with.
        owned: whether its differential may be written in its own name.
    """

    node: Tensor
    name: Tensor
    body: Tensor
    inputs: tuple[Tensor, ...] = ()
    owned: bool = True


def parts_of(
    function: Tensor,
    variable: Tensor,
    calculus: Calculus,
    named: Callable[[Sequence[Tensor]], Sequence[str]],
) -> list[Part]:
    """The parts of a function, operands before their users, the function itself last.

    Args:
        function: the root of the graph.
        variable: what it is differentiated by.
        calculus: the table of differentials.
        named: gives names to nodes, operands first, the function last.
    """
    order = postorder([function])
    varying = _varying(order, [variable])
    cuts = [*_cuts(order, varying, function, calculus), function]
    turned = [_is_turned(node, varying) and node is not function for node in cuts]
    wanted = [scaled(sp.S.NegativeOne, x) if t else x for x, t in zip(cuts, turned, strict=True)]
    names: dict[Tensor, Tensor] = {}
    standing: dict[Tensor, Tensor] = {}
    for node, turn, text in zip(cuts, turned, named(wanted), strict=True):
        known = frozenset() if turn else facts(node) & _PASSED_ON
        name = names[node] = Variable(text, node.shape, node.dtype, known)
        standing[node] = scaled(sp.S.NegativeOne, name) if turn else name
    parts = []
    for node, whole, turn in zip(cuts, wanted, turned, strict=True):
        others = {k: v for k, v in standing.items() if k is not node}
        (body,) = _replaced([node], others)
        body = _negated(body) if turn else body
        leaves = {names[x] for x in cuts if x in varying} | {variable}
        inputs = tuple(x for x in postorder([body]) if x in leaves) if node in varying else ()
        owned = node is not function or _speaks_of_itself(node, set(), calculus)
        parts.append(Part(whole, names[node], body, inputs, owned))
    return parts


def _negated(node: Tensor) -> Tensor:
    if not isinstance(node, Add):
        return scaled(sp.S.NegativeOne, node)
    return add_terms([(-c, term) for c, term in node.terms], node.shape, node.dtype)


def _is_turned(node: Tensor, varying: set[Tensor]) -> bool:
    """Whether a difference reads better with the other sign: a residual is ``X @ w - y``."""
    if not isinstance(node, Add):
        return False
    moving = [c for c, term in node.terms if term in varying]
    signs = [_sign(term) * c for c, term in node.terms]
    own = [_sign(term) * c for c, term in node.terms if term in varying]
    return bool(moving) and all(x.is_negative for x in own) and len(signs) > len(own)


def _sign(node: Tensor) -> sp.Expr:
    return node.coefficient if isinstance(node, Einsum) else sp.S.One


def _replaced(nodes: Sequence[Tensor], names: Mapping[Tensor, Tensor]) -> list[Tensor]:
    return transform(nodes, _same, dict(names))


def _same(node: Tensor) -> None:
    return None


def _varying(order: Sequence[Tensor], leaves: Sequence[Tensor]) -> set[Tensor]:
    """The nodes through which a differential passes."""
    found = set(leaves)
    for node in order:
        if _is_smooth(node) and any(operand in found for operand in node.operands):
            found.add(node)
    return found


def _is_smooth(node: Tensor) -> bool:
    constant = isinstance(node, Apply) and node.operation.piecewise_constant
    return not constant and dtypes.kind(node.dtype) in ("float", "complex")


# ------------------------------------------------------------------------------- cuts


def _cuts(
    order: Sequence[Tensor], varying: set[Tensor], root: Tensor, calculus: Calculus
) -> list[Tensor]:
    """The nodes to name, operands first."""
    uses = Counter(operand for node in order for operand in node.operands)
    inside = {
        operand
        for node in order
        if isinstance(node, Apply) and node in varying
        for operand in node.operands
    }
    weights: dict[Tensor, int] = {}
    cuts: set[Tensor] = set()
    for node in order:
        weights[node] = 1 + sum(1 if x in cuts else weights[x] for x in node.operands)
        if node is root or weights[node] == 1 or _is_view(node):
            continue
        if node in varying:
            wanted = uses[node] > 1 or node in inside or _speaks_of_itself(node, cuts, calculus)
        else:
            wanted = uses[node] > 1 and weights[node] > _LONG
        if wanted or weights[node] > _LONGEST:
            cuts.add(node)
    return [node for node in order if node in cuts]


def _is_view(node: Tensor) -> bool:
    """A leaf transposed, scaled or negated."""
    one = isinstance(node, Einsum) and len(node.operands) == 1
    return one and not node.operands[0].operands


def _speaks_of_itself(node: Tensor, cuts: set[Tensor], calculus: Calculus) -> bool:
    """Whether the differential of a function is written with its value: ``1 - tanh(z)**2``."""
    if not isinstance(node, Apply) or calculus.adjoint_of(node.operation) is not None:
        return False
    if node.operation.short_name in _COMPACT and not cuts.intersection(node.operands):
        return False
    tangent = tangent_of(
        node,
        {x: held(k, x) for k, x in enumerate(node.operands) if _is_smooth(x)},
        calculus,
    )
    return node in postorder([tangent])


# ----------------------------------------------------------------------- differentials


def differential_of(part: Part, calculus: Calculus) -> Tensor:
    """The ``d`` of a part, in the ``d`` of its inputs and in its own name."""
    moves = {leaf: move_of(leaf) for leaf in part.inputs}
    (pushed,) = push_forward([part.body], moves, calculus)
    return own_name(part, pushed)


def own_name(part: Part, node: Tensor) -> Tensor:
    """A node with a part's body under its name."""
    if not part.body.operands or not part.owned:
        return node
    return _replaced([node], {part.body: part.name})[0]


def uses_of(part: Part, calculus: Calculus) -> list[Use]:
    """The rules that make the differential of a part, the outermost first."""
    found: list[Use] = []
    order = postorder([part.body])
    varying = _varying(order, part.inputs)
    done: set[Tensor] = set()
    for node in reversed(order):
        if node not in varying or not node.operands or node in done:
            continue
        plain = _unsigned(node)
        done.add(plain)
        if not (isinstance(plain, Einsum) and len(plain.operands) == 1):
            found.append(_use(node, plain, varying, calculus))
    return found


def _unsigned(node: Tensor) -> Tensor:
    """The sum of which a node is minus one times."""
    if isinstance(node, Einsum) and len(node.operands) == 1:
        (inner,) = node.operands
        if isinstance(inner, Add) and scaled(node.coefficient, inner) is node:
            return inner
    return node


def _use(node: Tensor, plain: Tensor, varying: set[Tensor], calculus: Calculus) -> Use:
    moves: dict[Tensor, Tensor] = {}
    unnamed = 0
    for x in dict.fromkeys(plain.operands):
        if x in varying and is_name(x):
            moves[x] = move_of(x)
        elif x in varying:
            moves[x] = held(unnamed, x)
            unnamed += 1
    rule, law, source = _rule(plain, moves, calculus)
    tangent = tangent_of(plain, moves, calculus)
    if isinstance(node, Einsum) and node is not plain:
        tangent = scaled(node.coefficient, tangent)
    return Use(rule, node, tangent, moves, law, source)


def _rule(node: Tensor, moves: Mapping[Tensor, Tensor], calculus: Calculus) -> tuple[str, str, str]:
    if isinstance(node, Add):
        return "d-sum", "d(A + B) = dA + dB", ""
    if isinstance(node, Einsum):
        varied = [x for x in node.operands if x in moves]
        if len(varied) == 1:
            return "d-linear", "d(A @ X) = A @ dX", ""
        if len(set(node.operands)) == 1:
            return "d-square", "d(x @ x) = 2 * x @ dx", ""
        return "d-product", "d(A @ B) = dA @ B + A @ dB", ""
    assert isinstance(node, Apply)
    adjoint = calculus.adjoint_of(node.operation)
    if adjoint is not None:
        name = adjoint.name.replace("adjoint", "d", 1)
        return name, f"d({node.operation.short_name}(x)) = {node.operation.short_name}(dx)", ""
    rule = calculus.differential_of(node)
    return ("definition", "", "") if rule is None else (rule.name, rule.law, rule.source)


def shares_of(
    part: Part, cotangent: Tensor, extra: Shape, calculus: Calculus
) -> list[tuple[Tensor, Tensor]]:
    """For each input of a part its share in a cotangent."""
    shares = pull_back({part.body: cotangent}, part.inputs, calculus, extra)
    return [(x, own_name(part, h)) for x, h in zip(part.inputs, shares, strict=True)]
