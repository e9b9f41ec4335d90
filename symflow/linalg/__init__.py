"""Linear algebra, with the names and conventions of ``jax.scipy.linalg``.

The commonest functions that only ``jax.numpy.linalg`` has stand here, too.
"""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from symflow.ops.absent import refusing as _refusing
from symflow.ops.composite import matrix_power as matrix_power
from symflow.ops.composite import norm as norm
from symflow.ops.factorisations import lu as lu
from symflow.ops.factorisations import lu_factor as lu_factor
from symflow.ops.linalg import eigvalsh as eigvalsh
from symflow.ops.linalg import slogdet as slogdet
from symflow.ops.matrix_functions import expm as expm
from symflow.ops.matrix_functions import expm_frechet as expm_frechet
from symflow.ops.matrix_functions import matrix_rank as matrix_rank
from symflow.ops.matrix_functions import pinv as pinv
from symflow.ops.named_matrices import dft as dft
from symflow.ops.named_matrices import hadamard as hadamard
from symflow.ops.named_matrices import helmert as helmert
from symflow.ops.named_matrices import hilbert as hilbert
from symflow.ops.named_matrices import invhilbert as invhilbert
from symflow.ops.named_matrices import invpascal as invpascal
from symflow.ops.named_matrices import pascal as pascal
from symflow.ops.scipy_spelling import det as det
from symflow.ops.scipy_spelling import eigh as eigh
from symflow.ops.scipy_spelling import eigh_tridiagonal as eigh_tridiagonal
from symflow.ops.scipy_spelling import inv as inv
from symflow.ops.scipy_spelling import polar as polar
from symflow.ops.scipy_spelling import qr as qr
from symflow.ops.scipy_spelling import qr_multiply as qr_multiply
from symflow.ops.scipy_spelling import solve as solve
from symflow.ops.scipy_spelling import svd as svd
from symflow.ops.solving import lstsq as lstsq
from symflow.ops.solving import solve_sylvester as solve_sylvester
from symflow.ops.special_matrices import block_diag as block_diag
from symflow.ops.special_matrices import circulant as circulant
from symflow.ops.special_matrices import companion as companion
from symflow.ops.special_matrices import convolution_matrix as convolution_matrix
from symflow.ops.special_matrices import fiedler as fiedler
from symflow.ops.special_matrices import fiedler_companion as fiedler_companion
from symflow.ops.special_matrices import hankel as hankel
from symflow.ops.special_matrices import leslie as leslie
from symflow.ops.special_matrices import toeplitz as toeplitz
from symflow.ops.structured import cho_factor as cho_factor
from symflow.ops.structured import cho_solve as cho_solve
from symflow.ops.structured import cholesky as cholesky
from symflow.ops.structured import lu_solve as lu_solve
from symflow.ops.structured import solve_triangular as solve_triangular
from symflow.ops.structured import sqrtm as sqrtm

if not _TYPE_CHECKING:  # type checkers know the names that there are
    __getattr__ = _refusing("symflow.linalg", "linalg")
