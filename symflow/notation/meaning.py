"""Names for parts of formulas, by what they are: ``r`` for a residual, ``s`` for a softmax.

A name is a letter, a capital for matrices, with a number where several parts would have it:
``z``, or ``z1`` and ``z2``.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from symflow.notation.tree import Attribute, Binary, Call, Group, Index, Method, Scaled, Tree, Unary
from symflow.notation.walks import parts_first

_HIDDEN = "ha"
_MASS = "pq"
_OF_FUNCTION = {
    "nn.softmax": "spq",
    "nn.log_softmax": ("ell", "l"),
    "special.logsumexp": ("ell", "l"),
    "nn.sigmoid": _MASS,
    "special.expit": _MASS,
    "exp": "uq",
    "log": ("ell", "l"),
    "sqrt": ("rho", "q"),
    "linalg.norm": ("rho", "q"),
    "linalg.inv": "KQ",
    "linalg.solve": "vu",
    "linalg.cholesky": "LC",
    "linalg.det": ("delta", "D"),
    "linalg.slogdet": ("ell", "l"),
    "mean": ("mu", "m"),
    "var": ("sigma2", "v"),
    "std": ("sigma", "s"),
    "sum": "tc",
    "trace": "tc",
    "where": "am",
    "abs": "a",
    "diag": "D",
    "outer": "MP",
    "einsum": "TM",
    **dict.fromkeys(
        (
            *("tanh", "nn.relu", "nn.gelu", "nn.silu", "nn.elu", "nn.softplus", "nn.leaky_relu"),
            *("sin", "cos", "maximum", "minimum", "special.erf"),
        ),
        _HIDDEN,
    ),
}
_PLAIN = (Group, Unary, Scaled)
_LETTERS = {0: "ctq", 1: "vuq", 2: "MPQ"}
_PRODUCTS = {0: "ctq", 1: "zvu", 2: "MPQ"}
_MATRIX = 2


def wished(tree: Tree, rank: int) -> tuple[str, ...]:
    """The names that suit a part, best first.

    Args:
        tree: the part as it is written.
        rank: of the tensor.
    """
    inner = tree
    while isinstance(inner, (*_PLAIN, Attribute, Method, Index)):
        inner = _within(inner)
    letters: Sequence[str] = _LETTERS.get(rank, "TU")
    if isinstance(inner, Call):
        letters = _OF_FUNCTION.get(inner.function, letters)
    elif isinstance(inner, Binary):
        letters = _of_binary(inner, rank)
    return tuple(letters) if rank < _MATRIX else tuple(map(_capital, letters))


def _capital(letter: str) -> str:
    return letter.capitalize() if len(letter) > 1 else letter.upper()


def _within(tree: Tree) -> Tree:
    match tree:
        case Scaled(body=body):
            return body
        case Unary(operand=operand):
            return operand
        case Group(value=value) | Attribute(value=value) | Method(value=value) | Index(value=value):
            return value
    return tree


def _of_binary(tree: Binary, rank: int) -> Sequence[str]:
    left, right = tree.left, tree.right
    if tree.operator == "/" and isinstance(right, Call) and right.function == "linalg.norm":
        return "uv"
    if tree.operator == "-":
        return "rqd" if not _has_product(left) or not _has_product(right) else "qrd"
    if tree.operator == "@" or (tree.operator == "+" and _has_product(tree)):
        return _PRODUCTS.get(rank, "TU")
    return _LETTERS.get(rank, "TU")


def _has_product(tree: Tree) -> bool:
    return any(isinstance(p, Binary) and p.operator == "@" for p in parts_first([tree]))


def named(
    wishes: Sequence[tuple[str, ...]],
    taken: Collection[str],
    fresh: Callable[[str], str] | None = None,
) -> list[str]:
    """Distinct names for parts.

    Args:
        wishes: for each part the names that suit it.
        taken: names that mean something already.
        fresh: makes a name distinct from all others.

    >>> named([("z",), ("h", "a"), ("z",), ("r", "q")], {"h", "r"})
    ['z1', 'a', 'z2', 'q']
    """
    used = set(taken)
    letters: dict[tuple[str, ...], str] = {}
    for wish in wishes:
        if wish not in letters:
            free = [name for name in wish if name not in used and name not in letters.values()]
            letters[wish] = free[0] if free else wish[0]
    chosen = [letters[wish] for wish in wishes]
    counts, numbers = Counter(chosen), Counter[str]()
    names = []
    for letter in chosen:
        name = letter
        while name in used or (counts[letter] > 1 and name == letter):
            numbers[letter] += 1
            name = f"{letter}{numbers[letter]}"
        used.add(name)
        names.append(name if fresh is None else fresh(name))
    return names
