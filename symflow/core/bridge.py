"""SymPy's methods on nodes, linear and iterative on shared and deep graphs.

SymPy's own versions walk trees recursively and without memory of shared parts; every method that
its users call is overridden here.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy as sp
from sympy.core.symbol import Str

from symflow.core.dims import as_dim, is_dim_expression
from symflow.core.walk import postorder, rebuild, transform


class Held(sp.Atom):
    """A Python object that is no SymPy object, as SymPy's view of a node shows it."""

    __slots__ = ("value",)
    value: Any

    def __new__(cls, value: Any) -> "Held":
        self: Held = sp.Atom.__new__(cls)
        self.value = value
        return self

    def _hashable_content(self) -> tuple[Any, ...]:
        return (type(self.value), self.value)

    def _sympystr(self, printer: object) -> str:
        return repr(self.value)


_MISSING = "needs the upper floors of symflow: import symflow first"


class SymPyBridge:
    """Overrides of ``sympy.Basic`` for interned graphs; mixed into every node."""

    __slots__ = ()

    is_number = False
    is_Atom = False
    operands: tuple[Any, ...]
    digest: int
    dtype: str

    @property
    def args(self) -> tuple[sp.Basic, ...]:
        """SymPy's view of the node: ``x.func(*x.args) == x``."""
        return tuple(_as_basic(part) for part in self.parts())

    def parts(self) -> tuple[Any, ...]:
        return self.operands

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.digest,)

    def sort_key(self, order: object = None) -> Any:
        key = (type(self).__name__, str(self.digest))
        return (5, 0, type(self).__name__), (1, key), sp.S.One.sort_key(), sp.S.One

    def compare(self, other: Any) -> int:
        mine, theirs = self.digest, getattr(other, "digest", 0)
        return (mine > theirs) - (mine < theirs)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: object) -> Any:
        return self

    def copy(self) -> Any:
        return self

    def walk(self) -> list[Any]:
        """The distinct nodes of the graph, operands before their users."""
        return postorder([self])

    @property
    def free_symbols(self) -> set[sp.Basic]:
        """Variables, dimensions and scalar symbols."""
        found: set[sp.Basic] = set()
        for node in self.walk():
            found |= node.own_symbols()
        return found

    def own_symbols(self) -> set[sp.Basic]:
        own: set[sp.Basic] = set()
        for scalar in self.scalars():
            own |= scalar.free_symbols
        return own

    def scalars(self) -> tuple[sp.Expr, ...]:
        return ()

    def numbers(self) -> tuple[sp.Expr, ...]:
        return ()

    def with_scalars(self, change: Callable[[sp.Expr], sp.Expr]) -> Any:
        return self

    def atoms(self, *types: Any) -> set[Any]:
        """Nodes and scalar atoms of the given types (default: variables and scalar atoms)."""
        kinds = tuple(t if isinstance(t, type) else type(t) for t in types)
        found: set[Any] = set()
        for node in self.walk():
            if (kinds and isinstance(node, kinds)) or (not kinds and not node.operands):
                found.add(node)
            for scalar in (*node.scalars(), *node.numbers()):
                found |= scalar.atoms(*types)
        return found

    def has(self, *patterns: Any) -> bool:
        """Whether any node, size or coefficient is (of the type of) one of the patterns."""
        kinds = tuple(p for p in patterns if isinstance(p, type))
        wanted = {sp.sympify(p) for p in patterns if not isinstance(p, type)}
        for node in self.walk():
            if node in wanted or (kinds and isinstance(node, kinds)):
                return True
            if any(scalar.has(*patterns) for scalar in (*node.scalars(), *node.numbers())):
                return True
        return bool(wanted & self.free_symbols)

    has_free = has
    _has = has

    def has_xfree(self, symbols: Iterable[Any]) -> bool:
        return bool(set(symbols) & self.free_symbols)

    def find(self, query: Any, group: bool = False) -> Any:
        """The nodes for which ``query`` (a type, a node or a predicate) holds."""
        test = _predicate(query)
        found = [node for node in self.walk() if test(node)]
        return dict.fromkeys(found, 1) if group else set(found)

    def count(self, query: Any) -> int:
        return len(self.find(query))

    def count_ops(self, visual: object = None) -> int:
        """The number of distinct nodes that compute something."""
        return sum(1 for node in self.walk() if node.operands)

    def xreplace(self, rule: Mapping[Any, Any]) -> Any:
        """Replace nodes, dimensions and scalar symbols exactly as they stand."""
        return substitute([self], rule)[0]

    def _xreplace(self, rule: Mapping[Any, Any]) -> tuple[Any, bool]:
        result = self.xreplace(rule)
        return result, result is not self

    def subs(self, *arguments: Any, **options: Any) -> Any:
        """Substitute dimensions, scalar symbols, variables or whole nodes; takes no strings.

        A mapping is substituted at once, a sequence of pairs one after the other.
        """
        if len(arguments) == 2:
            return self.xreplace({arguments[0]: arguments[1]})
        if len(arguments) != 1:
            raise TypeError("subs takes (old, new), a mapping or a sequence of pairs")
        if isinstance(arguments[0], Mapping):
            return self.xreplace(arguments[0])
        result: Any = self
        for old, new in arguments[0]:
            result = result.xreplace({old: new})
        return result

    def _subs(self, old: Any, new: Any, **hints: Any) -> Any:
        return self.subs(old, new)

    def replace(self, query: Any, value: Any, **options: Any) -> Any:
        """Replace the nodes for which ``query`` holds by ``value`` (a node or a function)."""
        test = _predicate(query)
        is_function = callable(value) and not isinstance(value, sp.Basic)

        def change(node: Any) -> Any:
            if not test(node):
                return None
            if is_function:
                return node.accept(value(*node.args) if isinstance(query, type) else value(node))
            return node.accept(value)

        return transform([self], change)[0]

    def rcall(self, *arguments: Any) -> Any:
        return self

    def as_dummy(self) -> Any:
        return self

    def doit(self, **hints: Any) -> Any:
        return self

    def expand(self, *arguments: Any, **hints: Any) -> Any:
        """Open sizes and coefficients (products of sums are opened by ``sf.simplify`` goals)."""
        return transform([self], lambda node: node.with_scalars(sp.expand))[0]

    def rewrite(self, *arguments: Any, **hints: Any) -> Any:
        return self

    def simplify(self, **options: Any) -> Any:
        raise TypeError(f"simplify {_MISSING}")

    def _eval_simplify(self, **options: Any) -> Any:
        return self.simplify()

    def diff(self, *variables: Any, **options: Any) -> Any:
        raise TypeError(f"diff {_MISSING}")

    def _eval_derivative(self, symbol: Any) -> Any:
        return self.diff(symbol)

    def as_coeff_Mul(self, rational: bool = False) -> tuple[sp.Expr, Any]:
        return sp.S.One, self

    def as_coeff_Add(self, rational: bool = False) -> tuple[sp.Expr, Any]:
        return sp.S.Zero, self

    def as_base_exp(self) -> tuple[Any, sp.Expr]:
        return self, sp.S.One

    def could_extract_minus_sign(self) -> bool:
        coefficient = getattr(self, "coefficient", sp.S.One)
        return bool(coefficient.could_extract_minus_sign())

    def equals(self, other: Any, failing_expression: bool = False) -> bool | None:
        """True for the same node; None (not known) for another, which may have equal values."""
        return True if self is other else None

    def evalf(self, n: int = 15, *arguments: Any, **options: Any) -> Any:
        """Coefficients such as ``sqrt(2)`` as decimal numbers."""
        return transform([self], lambda node: node.with_scalars(lambda s: s.evalf(n)))[0]

    n = evalf

    def _eval_conjugate(self) -> Any:
        return None if self.dtype.startswith("complex") else self

    def is_constant(self, *wrt: Any, **flags: Any) -> bool:
        return not self.free_symbols

    def replaced_symbol(self, rule: Mapping[Any, Any]) -> Any:
        """What a rule on symbols makes of this node as a whole (None: nothing)."""
        return None

    def accept(self, value: Any) -> Any:
        """``value`` as a replacement of this node; attached by :mod:`symflow.core.convert`."""
        return value


def substitute(roots: Iterable[Any], rule: Mapping[Any, Any]) -> list[Any]:
    """Replace nodes and scalars throughout several graphs at once.

    Sizes are replaced in what takes the place of a node, too: with ``n`` set to 3, a vector of
    size 3 fits where one of size ``n`` stood.

    Raises:
        TypeError: for text, and for a tensor where a size must stand.
        ShapeError: for a replacement of another shape, and for a negative or fractional size.
    """
    nodes: dict[Any, Any] = {}
    sizes: dict[sp.Expr, sp.Expr] = {}
    symbols: dict[sp.Expr, sp.Expr] = {}
    for old, new in rule.items():
        if isinstance(old, str) or isinstance(new, str):
            raise TypeError("no strings here: pass sf.dim('n'), a variable or a node")
        key = sp.sympify(old, strict=True)
        if isinstance(new, SymPyBridge) or isinstance(key, SymPyBridge):
            if key.free_symbols and is_dim_expression(key):
                raise TypeError(f"the size {key} cannot be replaced by a tensor")
            nodes[key] = new
        elif key.free_symbols and is_dim_expression(key):
            sizes[key] = sp.sympify(as_dim(new))
        else:
            symbols[key] = sp.sympify(new, strict=True)
    results = _replace_scalars(list(roots), sizes | symbols)
    if not nodes:
        return results
    olds = _replace_scalars(list(nodes), sizes | symbols)
    news = _replace_scalars(list(nodes.values()), sizes)
    return _replace_nodes(results, dict(zip(olds, news, strict=True)))


def _replace_scalars(values: list[Any], rule: Mapping[sp.Expr, sp.Expr]) -> list[Any]:
    """The values, with sizes and scalar symbols replaced in those that are graphs."""
    if not rule:
        return values

    known: dict[sp.Expr, sp.Expr] = {}

    def change(scalar: sp.Expr) -> sp.Expr:
        if scalar not in known:
            known[scalar] = scalar.subs(rule, simultaneous=True)
        return known[scalar]

    def make(node: Any, operands: tuple[Any, ...]) -> Any:
        return node.rebuilt(operands, change if node.scalars() else None)

    changed = iter(rebuild([v for v in values if isinstance(v, SymPyBridge)], make))
    return [next(changed) if isinstance(value, SymPyBridge) else value for value in values]


def _replace_nodes(roots: list[Any], rule: Mapping[Any, Any]) -> list[Any]:
    """The graphs with nodes, and symbols that stand alone, replaced by other nodes."""
    memo = {old: old.accept(new) for old, new in rule.items() if isinstance(old, SymPyBridge)}
    return transform(roots, lambda node: node.replaced_symbol(rule), memo)


def _predicate(query: Any) -> Callable[[Any], bool]:
    if isinstance(query, type):
        return lambda node: isinstance(node, query)
    if isinstance(query, sp.Basic):
        return lambda node: node is query
    return lambda node: bool(query(node))


def _as_basic(part: Any) -> sp.Basic:
    if isinstance(part, sp.Basic):
        return part
    if isinstance(part, str):
        return Str(part)
    if isinstance(part, (tuple, list)):
        return sp.Tuple(*(_as_basic(item) for item in part))
    if isinstance(part, frozenset):
        return sp.Tuple(*(Str(item) for item in sorted(part)))
    if isinstance(part, bool):
        return sp.true if part else sp.false
    return sp.Integer(part) if isinstance(part, int) else Held(part)


def plain(part: Any) -> Any:
    """A constructor's argument as Python data: the inverse of what ``args`` shows."""
    if isinstance(part, SymPyBridge):
        return part
    if isinstance(part, Str):
        return part.name
    if isinstance(part, Held):
        return part.value
    if isinstance(part, (tuple, list, sp.Tuple)):
        return tuple(plain(item) for item in part)
    if part is sp.true or part is sp.false:
        return bool(part)
    if isinstance(part, sp.Integer):
        return int(part)
    return part
