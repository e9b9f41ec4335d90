"""Long scalar code: thousands of operations on single numbers, which nobody reads as a formula.

Its derivatives stay as the sweep makes them, and its programs are only made stable: the catalogue's
algebra would take far longer than all the arithmetic that it could spare.
"""

from collections.abc import Sequence
from functools import cache

from rewrites import presets
from symflow.core import Tensor, postorder
from symflow.core.walk import larger_than
from symflow.rewriting.rule import Rule
from symflow.rewriting.ruleset import RuleSet

LONGEST_FORMULA = 2000  # operations; longer ones on single numbers are code
_MOSTLY = 0.9


def is_scalar_code(roots: Sequence[Tensor]) -> bool:
    """Whether expressions are very many operations, nearly all on single numbers."""
    if not larger_than(roots, LONGEST_FORMULA):
        return False
    order = [node for node in postorder(roots) if node.operands]
    single = sum(not node.shape for node in order)
    return len(order) > LONGEST_FORMULA and single > _MOSTLY * len(order)


@cache
def stability() -> RuleSet:
    """The equations that keep programs from overflowing, without the catalogue's algebra."""
    algebra = {rule.name for rule in presets.READABLE.rules}
    own = (rule for rule in presets.STABLE.rules if rule.name not in algebra)
    return RuleSet("stability", [rule for rule in own if isinstance(rule, Rule)])
