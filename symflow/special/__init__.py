"""The functions of ``jax.scipy.special``."""

from symflow.ops.composite import log_softmax as log_softmax
from symflow.ops.composite import logsumexp as logsumexp
from symflow.ops.composite import sigmoid as expit
from symflow.ops.composite import softmax as softmax
from symflow.ops.elementwise import digamma as digamma
from symflow.ops.elementwise import erf as erf
from symflow.ops.elementwise import erfc as erfc
from symflow.ops.elementwise import gammaln as gammaln
from symflow.ops.elementwise import polygamma as polygamma

__all__ = [
    "digamma",
    "erf",
    "erfc",
    "expit",
    "gammaln",
    "log_softmax",
    "logsumexp",
    "polygamma",
    "softmax",
]
