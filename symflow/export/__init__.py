"""Expressions as text, LaTeX, code and pictures.

Loading this package gives tensors their printed form.
"""

from symflow.core import attach as _attach
from symflow.export.printing import HOOKS as _HOOKS

_attach(_HOOKS)
