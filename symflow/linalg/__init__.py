"""Linear algebra, with the names and conventions of ``jax.numpy.linalg``."""

from symflow.ops.composite import matrix_power as matrix_power
from symflow.ops.composite import norm as norm
from symflow.ops.linalg import cholesky as cholesky
from symflow.ops.linalg import det as det
from symflow.ops.linalg import eigh as eigh
from symflow.ops.linalg import eigvalsh as eigvalsh
from symflow.ops.linalg import inv as inv
from symflow.ops.linalg import qr as qr
from symflow.ops.linalg import slogdet as slogdet
from symflow.ops.linalg import solve as solve
