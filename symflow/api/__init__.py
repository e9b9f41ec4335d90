"""The verbs: engine and catalogue brought together.

Loading this package gives tensors the verbs that SymPy's users expect as methods.
"""

from symflow.api.derivatives import diff as _diff
from symflow.api.structure import METHODS as _MAPS
from symflow.core import attach as _attach

_attach({"diff": _diff, **_MAPS})
