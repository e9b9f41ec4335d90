"""One pass: every node of a graph met once, operands first."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

from symflow.core import Tensor, postorder
from symflow.core.walk import paused_collector
from symflow.rewriting.derivation import step_of
from symflow.rewriting.engine import Budget, Rewriting
from symflow.rewriting.replay import UPWARD, Change, Stage
from symflow.rewriting.ruleset import RuleSet

Replace = Callable[[Tensor, int], Change | None]


def one_pass(roots: Sequence[Tensor], rules: RuleSet, budget: Budget) -> Rewriting:
    """Each node rewritten by the first rule that applies, what comes of it left as it is."""

    def change(node: Tensor, uses: int) -> Change | None:
        for rule in rules.candidates(node):
            if rule.lone and uses > 1:
                continue
            after = rule.apply(node)
            if after is not None and after is not node:
                return rule, node, after
        return None

    return passed(roots, change, budget)


def passed(roots: Sequence[Tensor], change: Replace, budget: Budget) -> Rewriting:
    """A pass over some graphs.

    Args:
        roots: the graphs.
        change: called with each node, its operands done, and how often its first operand is used.
        budget: of steps and seconds; past it the remaining nodes stay.
    """
    deadline = time.perf_counter() + budget.seconds
    given = list(roots)
    order = postorder(given)
    uses = Counter(operand for node in order for operand in node.operands)
    changes: list[Change] = []
    done: dict[Tensor, Tensor] = {}
    complete = True
    with paused_collector():
        for node in order:
            operands = tuple(done[operand] for operand in node.operands)
            current = node if operands == node.operands else node.with_operands(operands)
            complete = complete and len(changes) < budget.steps and time.perf_counter() < deadline
            if complete and current.operands:
                found = change(current, uses[node.operands[0]] if node.operands else 0)
                if found is not None:
                    changes.append(found)
                    current = found[2]
            done[node] = current
    results = [done[root] for root in given]
    stage = Stage(given, results, changes, UPWARD)
    return Rewriting(results, list(map(step_of, changes)), complete=complete, stages=[stage])
