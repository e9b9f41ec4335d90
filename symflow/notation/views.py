"""One operand seen another way: its axes reordered, summed, repeated, inserted or dropped."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeGuard

from symflow.core.dims import Dim, Shape, is_one
from symflow.core.dims import broadcast as broadcast_shape
from symflow.core.einsum import letter
from symflow.notation.numbers import size_tree
from symflow.notation.tree import (
    Call,
    Index,
    Name,
    Number,
    Slice,
    Text,
    Tree,
    call,
    transposed,
)
from symflow.notation.tree import (
    Sequence as Items,
)

Labels = tuple[int, ...]
Sizes = Mapping[int, Dim]
SpellSize = Callable[[Dim], Tree]

_ALL = Slice()
_NEW = Name("None")
_FIRST = Number("0")
_REDUCTIONS = frozenset({"sum", "mean", "max", "min", "prod", "all", "any", "special.logsumexp"})


class Piece(NamedTuple):
    """A tree and the label of each of its axes."""

    tree: Tree
    labels: Labels


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Squeezed(Index):
    """An index that drops axes of size 1; inserting them again gives the origin back."""

    origin: Tree
    gone: Labels


def reordered(tree: Tree, labels: Labels, wanted: Sequence[int]) -> Tree:
    """The axes in another order.

    >>> from symflow.notation.tree import python_text
    >>> python_text(reordered(Name("T"), (0, 1, 2), (2, 0, 1)))
    'transpose(T, (2, 0, 1))'
    """
    order = tuple(labels.index(label) for label in wanted)
    if order == tuple(range(len(order))):
        return tree
    if order == tuple(range(len(order) - 1, -1, -1)):
        return transposed(tree)
    return call("transpose", tree, numbers(order))


def numbers(values: Sequence[int]) -> Items:
    """Integers as a tuple."""
    return Items(tuple(Number(str(value)) for value in values))


def shape_tree(shape: Sequence[Dim], spell: SpellSize = size_tree) -> Items:
    """A shape as a tuple."""
    return Items(tuple(spell(size) for size in shape))


def axis_tree(axes: Sequence[int]) -> Tree:
    """One axis as a number, several as a tuple."""
    return Number(str(axes[0])) if len(axes) == 1 else numbers(axes)


def summed(tree: Tree, axes: Sequence[int], rank: int) -> Tree:
    """The sum over axes; that of a diagonal is a trace, an einsum sums itself.

    >>> from symflow.notation.tree import python_text
    >>> python_text(summed(call("diag", Name("A")), (0,), 1))
    'trace(A)'
    """
    if not axes:
        return tree
    if isinstance(tree, Call) and tree.function == "diag" and rank == 1:
        return call("trace", *tree.arguments)
    if isinstance(tree, Call) and tree.function == "einsum" and isinstance(tree.arguments[0], Text):
        inputs, arrow, output = tree.arguments[0].value.partition("->")
        left = "".join(name for axis, name in enumerate(output) if axis not in axes)
        return Call("einsum", (Text(f"{inputs}{arrow}{left}"), *tree.arguments[1:]))
    return call("sum", tree) if len(axes) == rank else call("sum", tree, axis=axis_tree(axes))


def collapsed(piece: Piece, kept: frozenset[int] | set[int]) -> Piece:
    """Diagonals taken and sums done: each kept label once, no other.

    >>> from symflow.notation.tree import python_text
    >>> python_text(collapsed(Piece(Name("A"), (0, 0)), set()).tree)
    'trace(A)'
    """
    tree, labels = piece
    distinct = tuple(dict.fromkeys(labels))
    left = tuple(label for label in distinct if label in kept)
    if len(distinct) == len(labels):
        axes = [axis for axis, label in enumerate(labels) if label not in kept]
        return Piece(summed(tree, axes, len(labels)), left)
    if len(labels) == 2:
        return Piece(call("diag" if left else "trace", tree), left)
    return Piece(einsum_call([piece], left), left)


def einsum_call(pieces: Sequence[Piece], output: Labels) -> Call:
    """``einsum('ij,jk->ik', ...)`` with letters in order of appearance.

    Where nothing is summed, in order of the output.

    >>> from symflow.notation.tree import python_text
    >>> python_text(einsum_call([Piece(Name("A"), (7, 3)), Piece(Name("x"), (7,))], (3,)))
    "einsum('ij,i->j', A, x)"
    """
    names: dict[int, str] = {}
    inside = [label for _, labels in pieces for label in labels]
    for label in inside if set(inside) > set(output) else output:
        if label not in names:
            names[label] = letter(len(names))
    inputs = ",".join("".join(names[label] for label in labels) for _, labels in pieces)
    spec = f"{inputs}->{''.join(names[label] for label in output)}"
    return Call("einsum", (Text(spec), *(tree for tree, _ in pieces)))


def squeezed(tree: Tree, units: Sequence[int], rank: int) -> Tree:
    """The axes of size 1 at these places dropped."""
    if not units:
        return tree
    if _only_inserts(tree) and all(tree.keys[axis] == _NEW for axis in units):
        left = [key for axis, key in enumerate(tree.keys) if axis not in units]
        return Index(tree.value, tuple(left)) if _NEW in left else tree.value
    value = tree
    old = [_ALL] * rank
    if isinstance(tree, Index) and not isinstance(tree, Squeezed):
        slices = [key for key in tree.keys if isinstance(key, Slice)]
        if len(slices) == len(tree.keys):
            value, old = tree.value, slices + old[len(slices) :]
    taken: list[Tree] = [_position(k) if axis in units else k for axis, k in enumerate(old)]
    while taken[-1] == _ALL:
        taken.pop()
    return Squeezed(value, tuple(taken), tree, tuple(units))


def _position(key: Slice) -> Tree:
    """The one index that a slice of size 1 holds."""
    return _FIRST if key.start is None else key.start


def without_units(piece: Piece, output: Sequence[int], sizes: Sizes) -> Piece:
    """A piece without its axes of size 1 that the output does not name."""
    tree, labels = piece
    units = [k for k, n in enumerate(labels) if is_one(sizes[n]) and n not in output]
    if not units:
        return piece
    left = tuple(label for axis, label in enumerate(labels) if axis not in units)
    return Piece(squeezed(tree, units, len(labels)), left)


def inserted(tree: Tree, slots: Sequence[bool]) -> Tree:
    """New axes of size 1: for each axis of the result, whether the tree has it.

    >>> from symflow.notation.tree import python_text
    >>> python_text(inserted(Name("x"), (True, False)))
    'x[:, None]'
    >>> python_text(inserted(call("sum", Name("A"), axis=Number("1")), (True, False)))
    'sum(A, axis=1, keepdims=True)'
    """
    if all(slots):
        return tree
    if isinstance(tree, Squeezed):
        missing = tuple(axis for axis, present in enumerate(slots) if not present)
        if missing == tree.gone:
            return tree.origin
    if isinstance(tree, Call) and _reduces(tree, slots):
        return Call(tree.function, tree.arguments, (*tree.keywords, ("keepdims", Name("True"))))
    if _only_inserts(tree):
        known = iter(tree.keys)
        return Index(tree.value, tuple(next(known) if present else _NEW for present in slots))
    return Index(tree, tuple(_ALL if present else _NEW for present in slots))


def _only_inserts(tree: Tree) -> TypeGuard[Index]:
    """Whether a tree is an index that does nothing but insert axes."""
    return isinstance(tree, Index) and all(key in (_ALL, _NEW) for key in tree.keys)


def _reduces(tree: Call, slots: Sequence[bool]) -> bool:
    """Whether the missing axes are those that a reduction took away."""
    if tree.function not in _REDUCTIONS or tree.keyword("keepdims") is not None:
        return False
    axis = tree.keyword("axis")
    if axis is None:
        return False
    gone = [str(place) for place, present in enumerate(slots) if not present]
    parts = axis.items if isinstance(axis, Items) else (axis,)
    return [part.word for part in parts] == gone


def aligned(labels: Labels, output: Sequence[int]) -> tuple[bool, ...]:
    """Which axes of the output a piece has, from its first one on (NumPy pads on the left)."""
    held = [label in labels for label in output]
    first = held.index(True) if True in held else len(held)
    return tuple(held[first:])


def broadcast(piece: Piece, output: Sequence[int]) -> Tree:
    """A piece whose labels stand in the order of the output, ready to broadcast against it."""
    return inserted(piece.tree, aligned(piece.labels, output))


def joint_shape(shapes: Sequence[Shape]) -> Shape:
    """The shape to which shapes broadcast; that of equal ones without looking into them."""
    first = shapes[0]
    if all(shape is first or shape == first for shape in shapes):
        return first
    return broadcast_shape(*shapes)


def widened(tree: Tree, slots: Sequence[bool], shape: Sequence[Dim], spell: SpellSize) -> Tree:
    """A tree of exactly this shape from one that has the axes marked in ``slots``."""
    if all(present or is_one(size) for present, size in zip(slots, shape, strict=True)):
        return inserted(tree, slots)
    first = next((k for k, present in enumerate(slots) if present), len(slots))
    return call("broadcast_to", inserted(tree, slots[first:]), shape_tree(shape, spell))


def view(piece: Piece, output: Labels, sizes: Sizes, spell: SpellSize = size_tree) -> Tree:
    """A piece with exactly the axes of the output.

    Args:
        piece: a tree with labels that may repeat (a diagonal).
        output: labels of the result; one that the piece lacks is a broadcast, one that repeats a
            diagonal matrix or a larger identity pattern.
        sizes: the size of each label.
        spell: how a size is written.

    >>> from symflow.notation.tree import python_text
    >>> python_text(view(Piece(Name("x"), (0,)), (0, 0), {0: 3}))
    'diag(x)'
    >>> python_text(view(Piece(Name("x"), (0,)), (0, 1), {0: 3, 1: 4}))
    'broadcast_to(x[:, None], (3, 4))'
    """
    core = collapsed(without_units(piece, output, sizes), set(output))
    distinct = tuple(dict.fromkeys(output))
    order = tuple(label for label in distinct if label in core.labels)
    tree = reordered(core.tree, core.labels, order)
    slots = [label in order for label in distinct]
    tree = widened(tree, slots, [sizes[label] for label in distinct], spell)
    if len(distinct) == len(output):
        return tree
    if distinct == output[:1] and len(output) == 2:
        return call("diag", tree) if order else call("eye", spell(sizes[output[0]]))
    pieces, fresh = with_identities([Piece(tree, distinct)], output, sizes, spell)
    return einsum_call(pieces, fresh)


def with_identities(
    pieces: Sequence[Piece], output: Labels, sizes: Sizes, spell: SpellSize = size_tree
) -> tuple[list[Piece], Labels]:
    """Repeated labels of the output told apart, each by an identity matrix among the pieces."""
    result = list(pieces)
    fresh: list[int] = []
    following = max(max(sizes, default=0), *output, 0) + 1
    for label in output:
        if label in fresh:
            result.append(Piece(call("eye", spell(sizes[label])), (label, following)))
            fresh.append(following)
            following += 1
        else:
            fresh.append(label)
    return result, tuple(fresh)
