"""Expressions as LaTeX."""

import re
from collections.abc import Mapping, Sequence

import sympy as sp

from symflow.core import Tensor
from symflow.export.blackboard import (
    ATOM,
    COMPARE,
    HADAMARD,
    POWER,
    PRODUCT,
    Blackboard,
    Part,
    Pieces,
    Written,
)
from symflow.export.scene import MAX_CHARS, Scene
from symflow.notation.names import MOVE
from symflow.notation.tree import Tree
from symflow.ops.table import TABLE

_LETTER = re.compile(r"\{([A-Za-z0-9]|\\[A-Za-z]+)\}(?=[\^_])")
_SHORT = {
    "trace": r"\operatorname{tr}",
    "eye": "I",
    "I": "I",
    "1": r"\mathbf{1}",
    "0": r"\mathbf{0}",
    "sign det": r"\operatorname{sign}\det",
    "log|det|": r"\log\left|\det\right|",
}
_PAIRS = {"()": (r"\left(", r"\right)"), "[]": (r"\left[", r"\right]")}


def to_latex(expressions: Tensor | Sequence[Tensor], max_chars: int = MAX_CHARS) -> str:
    r"""An expression (or several) in LaTeX, for mathematics mode.

    Vectors are columns: ``x @ y`` is ``x^{\top} y``.  Products entry by entry are ``\odot``,
    einsums are sums over indices; a condition in brackets ``[x > 0]`` counts 1 where it holds.
    Beyond a size, repeated parts are named after the formula, under "where".

    Args:
        expressions: what to write.
        max_chars: up to this many characters (of the text form) nothing is named.

    >>> from symflow.core import matrix, vector
    >>> import symflow.ops
    >>> X, w, y = matrix("X", "n", "d"), vector("w", "d"), vector("y", "n")
    >>> print(to_latex(X.T @ (X @ w - y)))
    X^{\top} \left(X w - y\right)
    """
    scene = Scene(expressions, max_chars)
    board = Blackboard(_Latex(), scene.ranks)
    lines = [(name, _text(board, tree)) for name, tree in scene.lines]
    formulas = [text for name, text in lines if not name]
    final = formulas[0] if scene.single else r"\left(" + ", ".join(formulas) + r"\right)"
    where = [f"{_name(name)} &= {text}" for name, text in lines if name]
    if not where:
        return final
    rows = r" \\ ".join(where)
    return rf"\begin{{aligned}} & {final} \\ & \text{{where}} \\ {rows} \end{{aligned}}"


def _text(board: Blackboard, tree: Tree) -> str:
    return _LETTER.sub(r"\1", "".join(board.tokens(tree)))


def _name(text: str) -> str:
    """A name with Greek letters and subscripts; a scope stands in brackets above."""
    if text.startswith(f"{MOVE}."):
        return rf"\mathrm{{d}} {_name(text.partition('.')[2])}"
    *scope, last = text.split(".")
    base: str = sp.latex(sp.Symbol(last))
    if base == last and len(last) > 1:
        base = rf"\mathrm{{{last}}}"
    if not scope:
        return base
    return rf"{{{base}}}^{{(\mathrm{{{_escaped('.'.join(scope))}}})}}"


def _escaped(text: str) -> str:
    return text.replace("_", r"\_")


_SIGNS = {
    "at set": r" \leftarrow ",
    "at add": r" \mathrel{+}= ",
    "at multiply": r" \mathrel{*}= ",
    "at min": r" \mathrel{\min}= ",
    "at max": r" \mathrel{\max}= ",
    "join": " ",
    "scale": r" \, ",
    "minus": "-",
    "-": " - ",
    "+": " + ",
    "hadamard": r" \odot ",
    "divide": r" \oslash ",
    "kron": r" \otimes ",
    "dot": r" \cdot ",
    "by": r" \times ",
    "power": r"\odot ",
    "transpose": r"\top",
    "inverse": "-1",
    "inverse transpose": r"-\top",
    "<=": r" \le ",
    ">=": r" \ge ",
    "==": " = ",
    "!=": r" \ne ",
}


class _Latex:
    """The signs of LaTeX."""

    @property
    def signs(self) -> Mapping[str, str]:
        return _SIGNS

    def name(self, text: str) -> str:
        return _name(text)

    def word(self, text: str) -> str:
        if text in _SHORT:
            return _SHORT[text]
        operation = TABLE.get(text)
        if operation is not None and operation.latex and "{0" not in operation.latex:
            return operation.latex
        return rf"\operatorname{{{_escaped(text.rpartition('.')[2])}}}"

    def function(self, name: str, arguments: list[Pieces]) -> Written:
        operation = TABLE.get(name)
        if operation is not None and "{0" in operation.latex:
            filled = _filled(operation.latex, arguments)
            if filled is not None:
                return filled
        inner: Pieces = []
        for number, argument in enumerate(arguments):
            inner += [", ", *argument] if number else argument
        return [self.word(name), *self.brackets(inner)], POWER

    def brackets(self, inner: Pieces, kind: str = "()") -> Pieces:
        left, right = _PAIRS[kind]
        return [left, *inner, right]

    def raised(self, base: Pieces, exponent: Pieces) -> Pieces:
        return ["{", *base, "}^{", *exponent, "}"]

    def lowered(self, base: Pieces, index: Pieces) -> Pieces:
        return ["{", *base, "}_{", *index, "}"]

    def fraction(self, above: Tree, below: Tree) -> Written:
        return [r"\frac{", Part(above), "}{", Part(below), "}"], POWER

    def root(self, value: Tree) -> Written:
        return [r"\sqrt{", Part(value), "}"], ATOM

    def total(self, labels: str, body: Pieces) -> Pieces:
        return [rf"\sum_{{{labels}}} ", *body]

    def cases(self, condition: Tree, first: Tree, second: Tree) -> Written:
        start, end = r"\begin{cases} ", r" & \text{otherwise} \end{cases}"
        return [start, Part(first), " & ", Part(condition), r" \\ ", Part(second), end], ATOM


def _filled(template: str, arguments: list[Pieces]) -> Written | None:
    """A template of an operation with its operands in place."""
    enclosed = r"\left" in template
    pieces: Pieces = []
    for piece in re.split(r"(\{\w+\})", template.replace("{{", "\x01").replace("}}", "\x02")):
        if not re.fullmatch(r"\{\w+\}", piece):
            pieces.append(piece.replace("\x01", "{").replace("\x02", "}"))
        elif piece[1:-1].isdigit() and int(piece[1:-1]) < len(arguments):
            least = COMPARE if enclosed else PRODUCT
            operand = arguments[int(piece[1:-1])]
            pieces += [p._replace(least=least) if isinstance(p, Part) else p for p in operand]
        else:
            return None
    return pieces, ATOM if enclosed else HADAMARD
