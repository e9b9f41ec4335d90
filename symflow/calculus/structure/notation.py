"""How formulas of structures are put together, in any notation, and their text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy as sp

from symflow.core.add import Add, split
from symflow.core.node import Tensor
from symflow.notation.formula import Formula
from symflow.notation.tree import python_text

SUM, PRODUCT, ATOM = 0, 1, 2


@dataclass(frozen=True)
class Piece:
    """Some text with how strongly it holds together: a sum, a product, or an atom.

    Attributes:
        text: what is written.
        strength: ``SUM``, ``PRODUCT`` or ``ATOM``.
    """

    text: str
    strength: int = ATOM


@dataclass(frozen=True)
class Notation:
    """How formulas of structures are written.

    Attributes:
        write: an expression as text.
        number: a coefficient as text.
        kronecker: the sign of the Kronecker product.
        brackets: what stands around a sum in a product.
        scale: between a coefficient and what it multiplies.
        scale_by_map: between two maps that are applied one after the other.
        call: around the argument of ``diag``, ``vec`` ... by the name of the function.
        blocks: around a block, by the names and bounds of its indices.
        axes: which axes a factor reads and writes, where that is not plain.
    """

    write: Callable[[Tensor], str]
    number: Callable[[sp.Expr], str]
    kronecker: str
    brackets: tuple[str, str]
    scale: str
    scale_by_map: str
    call: Callable[[str, str], str]
    blocks: Callable[[str, Sequence[tuple[str, str]]], str]
    axes: Callable[[str, str, str], str]

    def expression(self, x: Tensor) -> Piece:
        """An expression as it is."""
        coefficient, core = split(x)
        text = self.write(x)
        if isinstance(x, Add):
            return Piece(text, SUM)
        loose = coefficient is not sp.S.One or not (core.operands == () or _is_call(text))
        return Piece(text, PRODUCT if loose else ATOM)

    def function(self, name: str, argument: Piece) -> Piece:
        """A function of a formula."""
        return Piece(self.call(name, argument.text))

    def bracketed(self, piece: Piece, strength: int) -> str:
        """A formula in a place that takes this strength or a higher one."""
        left, right = self.brackets
        loose = piece.strength < strength
        return f"{left}{piece.text}{right}" if loose else piece.text

    def product(self, pieces: Sequence[Piece]) -> Piece:
        """The Kronecker product of formulas."""
        if len(pieces) == 1:
            return pieces[0]
        texts = [self.bracketed(piece, PRODUCT) for piece in pieces]
        return Piece(self.kronecker.join(texts), PRODUCT)

    def scaled(self, coefficient: sp.Expr, piece: Piece) -> Piece:
        """A number, or an expression of sizes, times a formula."""
        if coefficient is sp.S.One:
            return piece
        if coefficient is sp.S.NegativeOne:
            return Piece(f"-{self.bracketed(piece, ATOM)}", PRODUCT)
        number = Piece(self.number(coefficient), SUM if coefficient.is_Add else PRODUCT)
        text = f"{self.bracketed(number, PRODUCT)}{self.scale}{self.bracketed(piece, ATOM)}"
        return Piece(text, PRODUCT)

    def total(self, pieces: Sequence[Piece]) -> Piece:
        """The sum of formulas."""
        first = next((p for p in pieces if not p.text.startswith(("-", "−"))), pieces[0])
        text = first.text
        for piece in (piece for piece in pieces if piece is not first):
            inner = self.bracketed(piece, PRODUCT)
            text += f" - {inner[1:]}" if inner.startswith(("-", "−")) else f" + {inner}"
        return Piece(text, SUM if len(pieces) > 1 else pieces[0].strength)


def _is_call(text: str) -> bool:
    """Whether text is a name with one pair of brackets around all that follows it."""
    if not text.endswith(")"):
        return False
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign == ")":
            head = text[: text.index("(")]
            return place == len(text) - 1 and head.replace(".", "").isidentifier()
    return False


def in_bounds(block: str, indices: Sequence[tuple[str, str]]) -> str:
    """A block under the name of its map, with the bounds of its indices."""
    bounds = ", ".join(f"{name} < {size}" for name, size in indices)
    return f"blockdiag({block}, {bounds})"


def _one_line(x: Tensor) -> str:
    return python_text(Formula([x]).trees[0])


TEXT = Notation(
    write=_one_line,
    number=str,
    kronecker=" (x) ",
    brackets=("(", ")"),
    scale=" * ",
    scale_by_map=" ",
    call=lambda name, argument: f"{name}({argument})",
    blocks=in_bounds,
    axes=lambda factor, rows, columns: f"{factor}[{rows}; {columns}]",
)
