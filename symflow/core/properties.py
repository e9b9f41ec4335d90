"""Names of the properties a variable may be declared to have, and what each needs and implies."""

from collections.abc import Mapping

from symflow.core.dims import Shape, same, show_shape
from symflow.errors import ShapeError

# property -> the least rank it makes sense for (and whether the last two axes must be square)
_NEEDS: Mapping[str, tuple[int, bool]] = {
    "symmetric": (2, True),
    "antisymmetric": (2, True),
    "fully_symmetric": (1, False),
    "major_symmetric": (4, False),
    "positive_definite": (2, True),
    "positive_semidefinite": (2, True),
    "diagonal": (2, True),
    "lower_triangular": (2, False),
    "upper_triangular": (2, False),
    "tridiagonal": (2, True),
    "toeplitz": (2, False),
    "circulant": (2, True),
    "orthogonal": (2, False),
    "permutation": (1, False),
    "invertible": (2, True),
    "positive_determinant": (2, True),
    "full_rank": (2, False),
    "positive": (0, False),
    "nonnegative": (0, False),
    "nonzero": (0, False),
    "in_unit_interval": (0, False),
    "integer": (0, False),
    "zero_one": (0, False),
    "plus_minus_one": (0, False),
    "one_hot": (1, False),
    "simplex": (1, False),
    "unit_norm": (1, False),
}

IMPLIES: Mapping[str, tuple[str, ...]] = {
    "positive_definite": (
        "symmetric",
        "positive_semidefinite",
        "invertible",
        "positive_determinant",
    ),
    "positive_semidefinite": ("symmetric",),
    "diagonal": ("lower_triangular", "upper_triangular", "tridiagonal", "symmetric"),
    "orthogonal": ("full_rank",),
    "circulant": ("toeplitz",),
    "invertible": ("full_rank",),
    "positive_determinant": ("invertible",),
    "positive": ("nonnegative", "nonzero"),
    "zero_one": ("nonnegative", "integer", "in_unit_interval"),
    "plus_minus_one": ("nonzero", "integer"),
    "one_hot": ("zero_one", "simplex"),
    "simplex": ("nonnegative", "in_unit_interval"),
    "in_unit_interval": ("nonnegative",),
}
NAMES = tuple(_NEEDS)


def checked_properties(properties: frozenset[str], shape: Shape | None) -> frozenset[str]:
    """The properties, once each is known and fits the shape.

    Raises:
        TypeError: for an unknown property, naming it.
        ShapeError: for a property that a tensor of this shape cannot have.
    """
    unknown = sorted(properties - set(_NEEDS))
    if unknown:
        raise TypeError(f"unknown property {unknown[0]!r}; known: {', '.join(sorted(_NEEDS))}")
    for name in sorted(properties if shape is not None else ()):
        assert shape is not None
        rank, square = _NEEDS[name]
        if len(shape) < rank:
            raise ShapeError(
                f"property {name!r} needs rank {rank} or more, the shape is {show_shape(shape)}"
            )
        if square and not same(shape[-1], shape[-2]):
            raise ShapeError(
                f"property {name!r} needs equal sizes in the last two axes, "
                f"the shape is {show_shape(shape)}"
            )
    return properties


def closure(properties: frozenset[str]) -> frozenset[str]:
    """The properties together with all that they imply.

    >>> sorted(closure(frozenset({"positive"})))
    ['nonnegative', 'nonzero', 'positive']
    """
    known = set(properties)
    pending = list(properties)
    while pending:
        for implied in IMPLIES.get(pending.pop(), ()):
            if implied not in known:
                known.add(implied)
                pending.append(implied)
    return frozenset(known)
