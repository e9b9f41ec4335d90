"""Formulas of the command line: declarations as ``"A: n n symmetric"``, and what they leave out."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import symflow as sf
from symflow.core.dims import simplify_dim
from symflow.core.properties import NAMES as PROPERTIES
from symflow.core.variable import Variable
from symflow.errors import ParseError, SymflowError
from symflow.language import (
    Binary,
    Name,
    Node,
    Number,
    Unary,
    free_names,
    infer_shapes,
    parse_tree,
    walk,
)
from symflow.language.faults import closest
from symflow.language.syntax import SyntaxName

_DTYPES = frozenset(
    {"bool", "int", "int32", "int64", "float", "bfloat16", "float16", "float32", "float64"}
    | {"complex", "complex64", "complex128"}
)
_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_FORM = "a declaration is NAME: SIZES PROPERTIES, for example"


@dataclass(frozen=True)
class Formula:
    """A formula that has been read.

    Attributes:
        text: as it was typed.
        expression: what it means.
        variables: by name, in the order of declaration, the inferred ones last.
        inferred: the names of the variables whose shapes the formula decided.
    """

    text: str
    expression: Any
    variables: Mapping[str, Variable]
    inferred: tuple[str, ...]

    def variable(self, name: str) -> Variable:
        """The variable of a name.

        Raises:
            ParseError: when there is none, naming those that there are.
        """
        if name in self.variables:
            return self.variables[name]
        near = closest(name, self.variables)
        hint = f"did you mean {near}?" if near else f"there are: {', '.join(self.variables)}"
        raise ParseError(f"the formula has no variable {name!r}; {hint}")

    def assumed(self) -> str:
        """What was inferred, as the declarations that would say it; empty where nothing was."""
        taken = [self.variables[name] for name in self.inferred]
        return "; ".join(declaration(v) if v.shape else f"{v.full_name}: (a scalar)" for v in taken)


def declaration(variable: Variable) -> str:
    """A variable as ``--var`` takes it.

    >>> declaration(sf.matrix("A", "n", "n", symmetric=True))
    'A: n n symmetric'
    """
    words = [str(size).replace(" ", "") for size in variable.shape]
    if variable.dtype != "float":
        words.append(variable.dtype)
    return f"{variable.full_name}: {' '.join([*words, *sorted(variable.properties)])}".rstrip()


def declared(text: str) -> Variable:
    """The variable that a declaration describes.

    Raises:
        ParseError: when the text is no declaration.

    >>> declared("A: n 2*n float32").shape
    (n, 2*n)
    """
    name, colon, rest = text.partition(":")
    name = name.strip()
    if not colon or not name or not all(part.isidentifier() for part in name.split(".")):
        raise ParseError(f"cannot read --var {text!r}: {_FORM} --var 'X: n d'")
    sizes: list[Any] = []
    options: dict[str, Any] = {}
    for word in rest.replace(",", " ").split():
        if word in PROPERTIES:
            options[word] = True
        elif word in _DTYPES:
            options["dtype"] = word
        else:
            sizes.append(_size(word, text))
    scope, _, own = name.rpartition(".")
    try:
        return sf.tensor(own, *sizes, scope=scope, **options)
    except (SymflowError, TypeError) as error:
        raise ParseError(f"cannot read --var {text!r}: {error}") from None


def _size(word: str, text: str) -> Any:
    """A size such as ``3``, ``n`` or ``2*n+1``."""
    try:
        tree = parse_tree(word, "numpy")
        values: dict[Node, Any] = {}
        for node in walk(tree.result):
            values[node] = _valued(node, values)
        return simplify_dim(values[tree.result])
    except (SymflowError, LookupError, ValueError):
        near = closest(word, [*PROPERTIES, *_DTYPES])
        hint = f"; did you mean {near}?" if near else ""
        raise ParseError(
            f"cannot read --var {text!r}: {word!r} is no size, property or data type{hint}; "
            f"{_FORM} --var 'A: n n symmetric'"
        ) from None


def _valued(node: Node, values: Mapping[Node, Any]) -> Any:
    if isinstance(node, Number):
        return int(node.text)
    if isinstance(node, Name):
        return sf.dim(node.text)
    if isinstance(node, Unary) and node.operator == "-":
        return -values[node.operand]
    if isinstance(node, Binary):
        return _SIGNS[node.operator](values[node.left], values[node.right])
    raise ValueError(node)


def read(text: str, declarations: Sequence[str], syntax: SyntaxName) -> Formula:
    """Read a formula with its declarations, inferring the shapes that it decides.

    Args:
        text: the formula.
        declarations: as ``"X: n d"``.
        syntax: ``"blackboard"`` or ``"numpy"``.

    Raises:
        ParseError: when the text is no formula, or leaves the shape of a name open; the message
            says which declaration to add.
    """
    variables: dict[str, Variable] = {}
    for line in declarations:
        variable = declared(line)
        if variables.setdefault(variable.full_name, variable) is not variable:
            raise ParseError(f"--var declares {variable.full_name!r} twice")
    tree = parse_tree(text, syntax)
    sizes = {s.name: s for v in variables.values() for s in v.free_symbols if s is not v}
    known: dict[str, tuple[str | int, ...]] = dict.fromkeys(sizes, ())
    for name, variable in variables.items():
        known[name] = tuple(s if isinstance(s, int) else str(s) for s in variable.shape)
    guessed = infer_shapes(tree, known)
    missing = [name for name in free_names(tree) if name not in known and name not in guessed]
    if missing:
        raise ParseError(_undecided(missing))
    for name, shape in guessed.items():
        variables[name] = declared(f"{name}: {' '.join(str(s).replace(' ', '') for s in shape)}")
    expression = sf.parse(text, {**sizes, **variables}, syntax=syntax)
    return Formula(text, expression, variables, tuple(guessed))


def _undecided(names: Sequence[str]) -> str:
    first = names[0]
    flags = " ".join(f"--var '{name}: ...'" for name in names)
    return (
        f"the formula does not decide the shape{'s' * (len(names) > 1)} of {', '.join(names)}: "
        f"add {flags} ('{first}:' for a scalar, '{first}: n' for a vector, "
        f"'{first}: n d' for a matrix)"
    )
