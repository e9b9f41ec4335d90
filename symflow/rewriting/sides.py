"""What stands on the sides of a step's equation: expressions, differentials, pairings.

A side is written by a pen: as text, as LaTeX or as MathML.  The ``d`` of a variable is a variable
of its name in the scope ``MOVE``, so that differentials are expressions; pens write it ``dx``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import sympy as sp

from symflow.core.node import Tensor
from symflow.core.variable import Scalar, Variable
from symflow.notation.names import MOVE

_HELD = "Ξ"  # begins the name of what stands for a differential of more than a name

Change = Callable[[Tensor], Tensor]


class Pen(Protocol):
    """How sides are written."""

    def node(self, node: Tensor) -> str:
        """An expression."""

    def moved(self, node: Tensor) -> str:
        """Its differential."""

    def pair(self, left: str, right: str) -> str:
        """An inner product."""

    def quotient(self, function: str, variable: str, order: int) -> str:
        """The symbol of a derivative."""

    def replaced(self, text: str, number: int, moved: str) -> str:
        """A text with a differential in place of what stands for it."""


class Side(Protocol):
    """One side of an equation."""

    def write(self, pen: Pen) -> str:
        """It as text, LaTeX or MathML."""

    def mapped(self, change: Change) -> "Side":
        """It with its nodes passed through a function."""


@dataclass(frozen=True)
class Value:
    """An expression, perhaps linear in differentials.

    Attributes:
        node: the expression.
        moved: what the differentials in it are the differentials of, where those are no names.
    """

    node: Tensor
    moved: tuple[Tensor, ...] = ()

    def write(self, pen: Pen) -> str:
        """It as text, LaTeX or MathML."""
        text = pen.node(self.node)
        for number, node in enumerate(self.moved):
            text = pen.replaced(text, number, pen.moved(node))
        return text

    def mapped(self, change: Change) -> "Value":
        """It with its nodes passed through a function."""
        return Value(change(self.node), tuple(map(change, self.moved)))


@dataclass(frozen=True)
class Moved:
    """The differential of an expression, not yet taken."""

    node: Tensor

    def write(self, pen: Pen) -> str:
        """It as text, LaTeX or MathML."""
        return pen.moved(self.node)

    def mapped(self, change: Change) -> "Moved":
        """It with its nodes passed through a function."""
        return Moved(change(self.node))


@dataclass(frozen=True)
class Pairs:
    """A sum of pairings ``<g, dx>``; a sum of nothing is 0."""

    pairs: tuple[tuple[Tensor, Tensor], ...]

    def write(self, pen: Pen) -> str:
        """It as text, LaTeX or MathML."""
        named: list[str] = []
        texts = []
        for g, x in self.pairs:
            *lines, last = pen.node(g).split("\n")  # of text: named parts stand on lines before
            named += [line for line in lines if line not in named]
            texts.append(pen.pair(last, pen.moved(x)))
        return "\n".join([*named, " + ".join(texts) or "0"])

    def mapped(self, change: Change) -> "Pairs":
        """It with its nodes passed through a function."""
        return Pairs(tuple((change(g), change(x)) for g, x in self.pairs))


@dataclass(frozen=True)
class Quotient:
    """The symbol of a derivative, ``df/dx``."""

    function: Tensor
    variable: Tensor
    order: int = 1

    def write(self, pen: Pen) -> str:
        """It as text, LaTeX or MathML."""
        return pen.quotient(pen.node(self.function), pen.node(self.variable), self.order)

    def mapped(self, change: Change) -> "Quotient":
        """The same: a symbol."""
        return self


def held(number: int, node: Tensor) -> Variable:
    """What stands for the differential of an expression inside another."""
    variable: Variable = Variable(f"{_HELD}{number}", node.shape, node.dtype, (), MOVE)
    return variable


def move_of(name: Tensor) -> Variable:
    """The differential of a name, as a variable."""
    own = name.full_name if isinstance(name, Variable) else str(name)
    variable: Variable = Variable(own, name.shape, name.dtype, (), MOVE)
    return variable


def is_name(node: Tensor) -> bool:
    """Whether a node is written as a name."""
    return isinstance(node, (Variable, Scalar))


# ------------------------------------------------------------------------------- pens

_TEXT_MOVE = re.compile(rf"{MOVE}\.((?:\w+\.)*\w+)")


class TextPen:
    """Formulas in NumPy's names: ``<X.T @ r, dw>``."""

    def node(self, node: Tensor) -> str:
        """An expression."""
        return _TEXT_MOVE.sub(r"d\1", str(node))

    def moved(self, node: Tensor) -> str:
        """``dx`` of a name, ``d(x + y)`` of anything else."""
        return f"d{node}" if is_name(node) else f"d({node})"

    def pair(self, left: str, right: str) -> str:
        """An inner product."""
        return f"<{left}, {right}>"

    def quotient(self, function: str, variable: str, order: int) -> str:
        """The symbol of a derivative."""
        power = "" if order == 1 else str(order)
        return f"d{power}{function}/d{variable}{power}"

    def replaced(self, text: str, number: int, moved: str) -> str:
        """A text with a differential in place of what stands for it."""
        return re.sub(rf"\bd{_HELD}{number}\b", lambda _: moved, text)


class LatexPen:
    """LaTeX, by SymPy's printer."""

    def node(self, node: Tensor) -> str:
        """An expression."""
        return str(sp.latex(node))

    def moved(self, node: Tensor) -> str:
        """``dx`` of a name, ``d(x + y)`` of anything else."""
        inner = self.node(node)
        return rf"\mathrm{{d}} {inner}" if is_name(node) else rf"\mathrm{{d}}\left({inner}\right)"

    def pair(self, left: str, right: str) -> str:
        """An inner product."""
        return rf"\left\langle {left}, {right} \right\rangle"

    def quotient(self, function: str, variable: str, order: int) -> str:
        """The symbol of a derivative."""
        power = "" if order == 1 else f"^{{{order}}}"
        return rf"\frac{{\partial{power} {function}}}{{\partial {{{variable}}}{power}}}"

    def replaced(self, text: str, number: int, moved: str) -> str:
        """A text with a differential in place of what stands for it."""
        return text.replace(rf"\mathrm{{d}} {_HELD}_{{{number}}}", moved)


class MathPen:
    """Presentation MathML, by SymPy's printer."""

    def node(self, node: Tensor) -> str:
        """An expression."""
        return str(sp.mathml(node, printer="presentation"))

    def moved(self, node: Tensor) -> str:
        """``dx`` of a name, ``d(x + y)`` of anything else."""
        inner = self.node(node)
        if not is_name(node):
            inner = f"<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>"
        return f'<mrow><mi mathvariant="normal">d</mi>{inner}</mrow>'

    def pair(self, left: str, right: str) -> str:
        """An inner product."""
        return f"<mrow><mo>⟨</mo>{left}<mo>,</mo>{right}<mo>⟩</mo></mrow>"

    def quotient(self, function: str, variable: str, order: int) -> str:
        """The symbol of a derivative."""
        partial = "<mo>∂</mo>" if order == 1 else f"<msup><mo>∂</mo><mn>{order}</mn></msup>"
        below = variable if order == 1 else f"<msup>{variable}<mn>{order}</mn></msup>"
        return f"<mfrac><mrow>{partial}{function}</mrow><mrow><mo>∂</mo>{below}</mrow></mfrac>"

    def replaced(self, text: str, number: int, moved: str) -> str:
        """A text with a differential in place of what stands for it."""
        letter = f"<msub><mi>&#{ord(_HELD)};</mi><mn>{number}</mn></msub>"
        return text.replace(f'<mrow><mi mathvariant="normal">d</mi>{letter}</mrow>', moved)


def pen_for(show: Callable[[Any], str]) -> Pen:
    """The pen that goes with ``str`` or ``sympy.latex``."""
    return TextPen() if show is str else LatexPen()
