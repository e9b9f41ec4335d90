"""One named equation an operation: differentials and adjoints, by family."""

from functools import lru_cache
from itertools import chain

from rewrites.differentials.activation import activation
from rewrites.differentials.choice import choice, chosen
from rewrites.differentials.complex import complex_parts
from rewrites.differentials.composite import composite
from rewrites.differentials.convolution import convolution
from rewrites.differentials.cumulative import added_up, cumulative
from rewrites.differentials.elementwise import arithmetic, elementwise
from rewrites.differentials.fft import fourier
from rewrites.differentials.floating import floating
from rewrites.differentials.function import mapped
from rewrites.differentials.gathering import gathering, sorting
from rewrites.differentials.linalg import linalg
from rewrites.differentials.matrices import linear_matrices, matrices
from rewrites.differentials.reduction import reduction
from rewrites.differentials.special import special
from rewrites.differentials.structure import structure
from symflow.calculus.differential import Calculus


@lru_cache(maxsize=1)
def standard() -> Calculus:
    """The differentials of all operations of symflow."""
    return Calculus(
        chain(
            elementwise(),
            arithmetic(),
            floating(),
            choice(),
            reduction(),
            cumulative(),
            linalg(),
            matrices(),
            composite(),
            mapped(),
            sorting(),
            special(),
            activation(),
        ),
        chain(
            structure(),
            added_up(),
            convolution(),
            complex_parts(),
            fourier(),
            chosen(),
            gathering(),
            linear_matrices(),
        ),
    )
