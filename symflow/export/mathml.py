"""Expressions as presentation MathML, which browsers show without any script."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from symflow.core import Tensor
from symflow.export.blackboard import (
    ATOM,
    COMPARE,
    HADAMARD,
    POWER,
    Blackboard,
    Part,
    Pieces,
    Written,
)
from symflow.export.scene import MAX_CHARS, Scene
from symflow.notation.names import MOVE
from symflow.notation.tree import Tree

_GREEK = dict(
    zip(
        (
            *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota"),
            *("kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon"),
            *("phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi"),
            *("Sigma", "Phi", "Psi", "Omega", "ell"),
        ),
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩℓ",
        strict=True,
    )
)


def to_mathml(expressions: Tensor | Sequence[Tensor], max_chars: int = MAX_CHARS) -> str:
    """An expression (or several) as a MathML row, to stand inside ``<math>``.

    Args:
        expressions: what to write.
        max_chars: up to this many characters (of the text form) nothing is named.

    >>> from symflow.core import vector
    >>> import symflow.ops
    >>> x = vector("x", "n")
    >>> to_mathml(x + 1)
    '<mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow>'
    """
    scene = Scene(expressions, max_chars)
    board = Blackboard(_MathML(), scene.ranks)
    lines = [(name, _row("".join(map(_marked, board.tokens(tree))))) for name, tree in scene.lines]
    formulas = [text for name, text in lines if not name]
    final = formulas[0] if scene.single else _row("<mo>,</mo>".join(formulas))
    named = [(name, text) for name, text in lines if name]
    if not named:
        return final
    rows = [f"<mtr><mtd>{final}</mtd></mtr>", "<mtr><mtd><mtext>where</mtext></mtd></mtr>"]
    rows += [f"<mtr><mtd>{_name(k)}<mo>=</mo>{text}</mtd></mtr>" for k, text in named]
    return f'<mtable columnalign="left">{"".join(rows)}</mtable>'


def _row(text: str) -> str:
    return f"<mrow>{text}</mrow>"


def _marked(token: str) -> str:
    """What is no markup yet: numbers, letters of indices, signs."""
    text = token.strip()
    if not text or text.startswith("<"):
        return text
    if text.replace(".", "", 1).isdigit():
        return f"<mn>{text}</mn>"
    if text.isalnum() and text.isascii():
        return "".join(f"<mi>{letter}</mi>" for letter in text)
    return f"<mo>{escape(text)}</mo>"


def _name(text: str) -> str:
    """A name with its subscript; a scope stands above, the ``d`` of a name before it."""
    if text.startswith(f"{MOVE}."):
        return _row(f'<mi mathvariant="normal">d</mi>{_name(text.partition(".")[2])}')
    scope, _, last = text.rpartition(".")
    base, subscript = _split(last)
    letter = f"<mi>{escape(_GREEK.get(base, base))}</mi>"
    if subscript:
        kind = "mn" if subscript.isdigit() else "mi"
        letter = f"<msub>{letter}<{kind}>{escape(subscript)}</{kind}></msub>"
    return f"<msup>{letter}<mtext>({escape(scope)})</mtext></msup>" if scope else letter


def _split(name: str) -> tuple[str, str]:
    base, _, subscript = name.partition("_")
    if base and subscript:
        return base, subscript
    letters = name.rstrip("0123456789")
    return (letters, name[len(letters) :]) if letters else (name, "")


_SIGNS = {
    "at set": "←",
    "at add": "+=",
    "at multiply": "*=",
    "at min": "min=",
    "at max": "max=",
    "join": "",
    "scale": "<mo>\u2062</mo>",
    "minus": "<mo>−</mo>",
    "-": "<mo>−</mo>",
    "+": "<mo>+</mo>",
    "hadamard": "<mo>⊙</mo>",
    "divide": "<mo>⊘</mo>",
    "kron": "<mo>⊗</mo>",
    "dot": "<mo>⋅</mo>",
    "by": "<mo>×</mo>",
    "power": "<mo>⊙</mo>",
    "transpose": "<mo>\u22a4</mo>",
    "inverse": "<mrow><mo>−</mo><mn>1</mn></mrow>",
    "inverse transpose": "<mrow><mo>−</mo><mo>\u22a4</mo></mrow>",
    "<": "<mo>&lt;</mo>",
    ">": "<mo>&gt;</mo>",
    "<=": "<mo>≤</mo>",
    ">=": "<mo>≥</mo>",
    "==": "<mo>=</mo>",
    "!=": "<mo>≠</mo>",
}
_WORDS = {"trace": "tr", "1": "<mn>\U0001d7cf</mn>", "0": "<mn>\U0001d7ce</mn>", "eye": "I"}


class _MathML:
    """The signs of MathML: every piece is an element or the beginning or end of one."""

    @property
    def signs(self) -> Mapping[str, str]:
        return _SIGNS

    def name(self, text: str) -> str:
        return _name(text)

    def word(self, text: str) -> str:
        word = _WORDS.get(text, text.rpartition(".")[2])
        return word if word.startswith("<") else f'<mi mathvariant="normal">{escape(word)}</mi>'

    def function(self, name: str, arguments: list[Pieces]) -> Written:
        if name == "linalg.norm" and len(arguments) == 1:
            return ["<mrow><mo>‖</mo>", *arguments[0], "<mo>‖</mo></mrow>"], ATOM
        if name == "abs":
            return ["<mrow><mo>|</mo>", *arguments[0], "<mo>|</mo></mrow>"], ATOM
        inner: Pieces = []
        for number, argument in enumerate(arguments):
            inner += ["<mo>,</mo>", *argument] if number else argument
        return [self.word(name), "<mo>\u2061</mo>", *self.brackets(inner)], POWER

    def brackets(self, inner: Pieces, kind: str = "()") -> Pieces:
        return [f"<mrow><mo>{kind[0]}</mo>", *inner, f"<mo>{kind[1]}</mo></mrow>"]

    def raised(self, base: Pieces, exponent: Pieces) -> Pieces:
        return ["<msup><mrow>", *base, "</mrow><mrow>", *exponent, "</mrow></msup>"]

    def lowered(self, base: Pieces, index: Pieces) -> Pieces:
        return ["<msub><mrow>", *base, "</mrow><mrow>", *index, "</mrow></msub>"]

    def fraction(self, above: Tree, below: Tree) -> Written:
        start, middle, end = "<mfrac><mrow>", "</mrow><mrow>", "</mrow></mfrac>"
        return [start, Part(above), middle, Part(below), end], POWER

    def root(self, value: Tree) -> Written:
        return ["<msqrt>", Part(value), "</msqrt>"], ATOM

    def total(self, labels: str, body: Pieces) -> Pieces:
        return ["<munder><mo>∑</mo><mrow>", labels, "</mrow></munder>", *body]

    def cases(self, condition: Tree, first: Tree, second: Tree) -> Written:
        start = "<mrow><mo>{</mo><mtable><mtr><mtd>"
        between, turn = "</mtd><mtd>", "</mtd></mtr><mtr><mtd>"
        end = "</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>"
        pieces: Pieces = [start, Part(first), between, Part(condition, COMPARE), turn]
        return [*pieces, Part(second, HADAMARD), end], ATOM
