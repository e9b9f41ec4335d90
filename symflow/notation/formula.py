"""From a graph to its formula: every node's tree, leaves first."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import sympy as sp

from symflow.core import Add, Apply, Constant, Einsum, Scalar, Tensor, Variable
from symflow.core.dims import Dim, same_shape
from symflow.core.einsum import is_zero
from symflow.core.walk import paused_collector, postorder, use_counts
from symflow.notation import calls, scaling
from symflow.notation.cost import operator_count
from symflow.notation.names import Names
from symflow.notation.network import Network, network_of, opens_as_network
from symflow.notation.numbers import Spell, is_negative, scalar_tree, size_tree, split_factor
from symflow.notation.reading import Core, Shown, core_of
from symflow.notation.signs import turned_sums
from symflow.notation.sums import Term, degree, sum_of
from symflow.notation.tree import Name, Number, Text, Tree, Unary, call
from symflow.notation.views import inserted, shape_tree

_MOST_OPENED = 8
_MOST_TERMS = 16
_FEW_TERMS = 2  # b - a is no longer than -(a - b)
_MANY_NODES = 3000  # beyond it, products are opened less far
_FEW_OPENED = 4
_MOST_RECONSIDERED = 100


class Formula:
    """The trees of one or several graphs.

    Attributes:
        roots: the graphs.
        trees: a tree for each, of exactly its shape.
        names: the names of the leaves.
    """

    def __init__(self, roots: Iterable[Tensor]) -> None:
        self.roots = list(roots)
        order = postorder(self.roots)
        self.names = Names(order)
        with paused_collector():
            reader = Reader(order, self.names)
            self.trees = [reader.strict(root) for root in self.roots]
            if reader.has_choices:
                again = Reader(order, self.names, reader)
                trees = [again.strict(root) for root in self.roots]
                if operator_count(trees) < operator_count(self.trees):
                    self.trees = trees


class Reader:
    """Reads the nodes of a graph, operands before their users.

    Args:
        order: the nodes, operands first.
        names: names of the leaves.
        before: an earlier reading: operators that occur in its other contractions are printed
            anyway and cost nothing here.
    """

    def __init__(
        self, order: Sequence[Tensor], names: Names, before: "Reader | None" = None
    ) -> None:
        self.names = names
        self.cores: dict[Tensor, Core] = {}
        self._before = before.cores if before else {}
        self._printed = Counter(d for core in self._before.values() for d in core.operators)
        self._together = before.pairs() if before else Counter()
        self._uses = use_counts(order)
        self._shown: dict[Tensor, Shown] = {}
        self._terms: dict[Tensor, list[Term]] = {}
        self._degrees: dict[Tensor, float] = {}
        self._widest = 0
        most = _MOST_OPENED if len(order) <= _MANY_NODES else _FEW_OPENED
        self._opened = _opened(order, self._uses, most)
        self._networks: dict[Tensor, Network] = {}
        self._turned = turned_sums(order, self._opened, self._network)
        self._read_all(order)

    @property
    def has_choices(self) -> bool:
        """Whether a second reading, which knows the first, may find fewer operators."""
        if not 1 < len(self.cores) <= _MOST_RECONSIDERED or self._widest <= 2:
            return False
        return any(count > 1 for count in self.pairs().values())

    def pairs(self) -> Counter[tuple[int, int]]:
        """In how many contractions two operands stand side by side."""
        return Counter(pair for node in self.cores for pair in _pairs(self._networks[node]))

    def _read_all(self, order: Sequence[Tensor]) -> None:
        for node in order:
            if node not in self._shown:
                self._degrees[node] = degree(node, self._degrees)
                if node not in self._opened:
                    self._shown[node] = self._read(node)

    def _read(self, node: Tensor) -> Shown:
        if isinstance(node, Variable):
            return Shown(Name(self.names.of_variable(node)), node.shape)
        if isinstance(node, Scalar):
            return Shown(Name(self.names.of_symbol(node.symbol)), ())
        if isinstance(node, Constant):
            return Shown(calls.array_tree(node, self.names.of_constant), node.shape)
        if isinstance(node, Add):
            return self._sum(node)
        if calls.is_literal(node):
            return self._literal(node)
        if opens_as_network(node):
            return self._product(node)
        assert isinstance(node, Apply)
        return calls.applied(node, self)

    # ------------------------------------------------------------------ what parts ask for

    def shown(self, node: Tensor) -> Shown:
        """A node's tree with its sign; the shape may be smaller, the data type narrower."""
        known = self._shown.get(node)
        if known is None:
            fresh = postorder([node], stop=self._shown.__contains__)
            self._read_all([part for part in fresh if part not in self._shown])
            if node not in self._shown:
                self._shown[node] = self._read(node)
            known = self._shown[node]
        return known

    def firm(self, node: Tensor) -> Shown:
        """A node's tree in its own data type."""
        shown = self.shown(node)
        if not shown.soft:
            return shown
        return shown._replace(tree=scaling.hardened(shown.tree, node.dtype), soft=False)

    def strict(self, node: Tensor) -> Tree:
        """A node's tree of exactly its shape and data type."""
        if calls.is_literal(node):
            return self._full(node)
        shown = self.firm(node)
        if same_shape(shown.shape, node.shape):
            return shown.tree
        slots = scaling.shape_slots(shown.shape, node.shape)
        if slots is not None and shown.shape:
            return inserted(shown.tree, slots)
        return call("broadcast_to", shown.tree, shape_tree(node.shape, self.size))

    def flipped(self, node: Tensor) -> Shown | None:
        """Minus a sum, where it is mostly used with a minus."""
        if node not in self._turned:
            return None
        turned = [
            term._replace(shown=term.shown._replace(negative=not term.shown.negative))
            for term in self._terms[node]
        ]
        return sum_of(turned, node.dtype)

    def unsigned(self, node: Tensor) -> Shown:
        """A node up to its sign."""
        if opens_as_network(node) and not calls.is_literal(node):
            core = self._core(node)
            shown = scaling.assembled(core, core.coefficient, node.shape, node.dtype, self.spell)
            if shown.negative and not shown.soft:
                return shown._replace(negative=False)
        return self.flipped(node) or self.firm(node)

    def denominator(self, node: Apply) -> Shown:
        """One over a negative power."""
        return calls.denominator(node, self)

    def size(self, size: Dim) -> Tree:
        """A dimension."""
        return size_tree(size, self.spell)

    @property
    def spell(self) -> Spell:
        """How a symbol is written."""
        return lambda symbol: Name(self.names.of_symbol(symbol))

    # ------------------------------------------------------------------ numbers

    def _literal(self, node: Tensor) -> Shown:
        assert isinstance(node, Einsum)
        return Shown(scalar_tree(node.coefficient, self.spell), ())

    def _full(self, node: Tensor) -> Tree:
        """A constant tensor of its whole shape."""
        assert isinstance(node, Einsum)
        number = self._literal(node).tree
        if not node.shape:
            return number
        keywords: dict[str, Tree] = {} if node.dtype == "float" else {"dtype": Text(node.dtype)}
        shape = shape_tree(node.shape, self.size)
        name = {"0": "zeros", "1": "ones"}.get(number.word if isinstance(number, Number) else "")
        if name is not None:
            return call(name, shape, **keywords)
        if not node.coefficient.is_integer or node.dtype == "int":
            keywords = {}
        elif not keywords:
            keywords = {"dtype": Text("float")}
        return call("full", shape, number, **keywords)

    # ------------------------------------------------------------------ contractions

    def _product(self, node: Tensor) -> Shown:
        spread = self._spread(node)
        if spread is not None:
            return spread
        return scaling.with_sign(self._core(node), node.shape, node.dtype, self.spell)

    def _spread(self, node: Tensor) -> Shown | None:
        """A multiple of a sum with the number inside where that is shorter: ``l - s / 2``."""
        if not isinstance(node, Einsum) or len(node.operands) != 1:
            return None
        (inner,) = node.operands
        same_axes = node.subscripts[0] == node.output and not node.summed
        if not isinstance(inner, Add) or not same_axes or self._uses.get(inner, 1) > 1:
            return None
        number = node.coefficient
        if not number.is_Rational or abs(number) == 1:
            return None
        factors = [c for c, term in inner.terms if not calls.is_literal(term)]
        outside = 1 + sum(c not in (1, -1) for c in factors)
        if sum(number * c not in (1, -1) for c in factors) >= outside:
            return None
        return sum_of([self._term(number * c, term) for c, term in inner.terms], node.dtype)

    def _core(self, node: Tensor) -> Core:
        known = self.cores.get(node)
        if known is None:
            net = self._network(node)
            known = core_of(net, self, node.dtype, self._printed_for(node))
            self.cores[node] = known
        return known

    def _network(self, node: Tensor) -> Network:
        known = self._networks.get(node)
        if known is None:
            known = self._networks[node] = network_of(node, self._opened.__contains__)
            self._widest = max(self._widest, len(known.members))
        return known

    def _printed_for(self, node: Tensor) -> Callable[[int], bool] | None:
        own = self._before.get(node)
        if own is None or all(self._together[p] < 2 for p in _pairs(self._networks[node])):
            return None
        mine, counts = own.operators, self._printed
        return lambda digest: counts[digest] > (digest in mine)

    # ------------------------------------------------------------------ sums

    def _sum(self, node: Add) -> Shown:
        terms: list[Term] = []
        for coefficient, operand in node.terms:
            inner = self._terms.get(operand)
            alone = self._uses.get(operand, 1) == 1 and coefficient is sp.S.One
            if inner is not None and alone and len(inner) + len(terms) <= _MOST_TERMS:
                terms.extend(inner)
            else:
                terms.append(self._term(coefficient, operand))
        self._terms[node] = terms
        turned = self.flipped(node)
        if turned is None or len(terms) <= _FEW_TERMS:
            return sum_of(terms, node.dtype)
        return turned._replace(tree=Unary("-", turned.tree))

    def _term(self, coefficient: sp.Expr, node: Tensor) -> Term:
        literal = calls.is_literal(node)
        if literal:
            assert isinstance(node, Einsum)
            value = coefficient * node.coefficient
            negative = is_negative(value)
            tree = scalar_tree(-value if negative else value, self.spell)
            shown = Shown(tree, (), negative=negative)
        elif opens_as_network(node):
            core = self._core(node)
            whole = coefficient * core.coefficient
            shown = scaling.assembled(core, whole, node.shape, node.dtype, self.spell)
        else:
            turned = self.flipped(node)
            factor = split_factor(coefficient if turned is None else -coefficient, self.spell)
            shown = turned or (self.shown(node) if factor.is_one else self.firm(node))
            tree = scaling.over(factor, shown.tree, None)
            shown = shown._replace(tree=tree, negative=factor.negative)
        return Term(shown, self._degrees.get(node, 1), literal, node.digest)


def _pairs(net: Network) -> set[tuple[int, int]]:
    """The pairs of operands that share a label, by digest."""
    found: set[tuple[int, int]] = set()
    for k, one in enumerate(net.members):
        held = set(one.labels)
        for other in net.members[:k]:
            if not held.isdisjoint(other.labels):
                a, b = sorted((one.node.digest, other.node.digest))
                found.add((a, b))
    return found


def _opened(order: Sequence[Tensor], uses: dict[Tensor, int], most: int) -> set[Tensor]:
    """The nested contractions that are written as one with their only user."""
    opened: set[Tensor] = set()
    counts: dict[Tensor, int] = {}
    root_of: dict[Tensor, Tensor] = {}
    for node in reversed(order):
        if not opens_as_network(node) or is_zero(getattr(node, "coefficient", sp.S.One)):
            continue
        root = root_of.get(node, node)
        count = counts.setdefault(root, len(node.operands))
        for operand in node.operands:
            if not opens_as_network(operand) or uses.get(operand) != 1:
                continue
            if node.operands.count(operand) > 1 or not operand.operands:
                continue
            grown = count - 1 + len(operand.operands)
            if grown <= most:
                counts[root] = count = grown
                opened.add(operand)
                root_of[operand] = root
    return opened
