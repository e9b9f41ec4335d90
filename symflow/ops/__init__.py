"""The operations: one typed record each, one family a file."""

from symflow.core import attach as _attach
from symflow.ops.operators import methods as _methods
from symflow.ops.operators import recapture_sums_and_products as _recapture
from symflow.ops.table import TABLE as TABLE

_attach(_methods())
_recapture()
