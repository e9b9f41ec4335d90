"""Rewriting speed: whole catalogue on gradients of deep networks; beside MatchPy and PyTensor.

The peers are not installed with symflow's tools: ``pip install matchpy pytensor`` into the
environment adds their lines to the report.
"""

import time

import pytest

import symflow as sf
from rewrites import presets
from symflow.core import postorder, scalar
from symflow.ops.elementwise import exp, log, sin
from symflow.rewriting.engine import rewrite
from symflow.rewriting.kinds import Real
from symflow.rewriting.rule import Rule, theory
from symflow.rewriting.ruleset import RuleSet
from tests.benchmarks import models
from tests.benchmarks.conftest import best_of

_tags = (f"_{k}" for k in range(1_000_000))
LAYERS = {"dense": (80, 800, 8_000), "transformer": (24, 100)}
BUILDERS = {"dense": models.dense, "transformer": models.transformer}
CASES = [(model, layers) for model, sizes in LAYERS.items() for layers in sizes]


def gradient(model, layers):
    """A gradient as it comes, over variables that no other graph has."""
    loss, parameters = BUILDERS[model](layers, next(_tags))
    return list(sf.grad(loss, parameters, tidy=False))


def nodes(roots):
    return len(postorder(roots))


@pytest.mark.parametrize(("model", "layers"), CASES)
def test_simplify(benchmark, note, model, layers):
    count = nodes(gradient(model, layers))
    benchmark.pedantic(
        sf.simplify,
        setup=lambda: ((gradient(model, layers),), {}),
        rounds=3 if count < 10_000 else 1,
    )
    seconds = benchmark.stats.stats.min
    note(
        f"simplify the gradient of {model}, {layers} layers: {seconds:.2f} s, "
        f"{count:,} nodes, {1e6 * seconds / count:.0f} microseconds a node"
    )


@pytest.mark.parametrize("layers", [30])
def test_beside_pytensor(note, layers):
    """The same dense network: PyTensor's canonicalize, stabilize and specialize."""
    pytensor = pytest.importorskip("pytensor")
    pt = pytest.importorskip("pytensor.tensor")
    from pytensor.graph.rewriting.utils import rewrite_graph
    from pytensor.graph.traversal import apply_ancestors

    def theirs():
        x = h = pt.matrix("x")
        parameters = []
        for k in range(layers):
            W, b = pt.matrix(f"W{k}"), pt.vector(f"b{k}")
            parameters += [W, b]
            h = pt.tanh(h @ W + b)
        return pytensor.grad(pt.mean((h - x) ** 2), parameters)

    def rewritten(graph):
        start = time.perf_counter()
        rewrite_graph(graph, include=("canonicalize", "stabilize", "specialize"))
        return time.perf_counter() - start

    def simplified(graph):
        start = time.perf_counter()
        sf.simplify(graph)
        return time.perf_counter() - start

    count = len(set(apply_ancestors(theirs())))
    other = min(rewritten(theirs()) for _ in range(3))
    own = min(simplified(gradient("dense", layers)) for _ in range(3))
    note(
        f"gradient of {layers} dense layers: PyTensor rewrites {count} nodes in "
        f"{1e3 * other:.0f} ms; symflow simplifies {nodes(gradient('dense', layers))} nodes in "
        f"{1e3 * own:.1f} ms: {other / own:.0f} times faster"
    )


@theory("six laws")
def six_laws(x: Real):
    """Enough to have work on every level of the graph."""
    yield Rule("log-exp", log(exp(x)), x)
    yield Rule("sine-of-sine", sin(sin(x)), exp(x))
    yield Rule("log-sine", log(sin(x)), x)
    yield Rule("exp-exp", exp(exp(x)), log(x))
    yield Rule("sine-log", sin(log(x)), x)
    yield Rule("exp-sine", exp(sin(x)), x)


ROUND = ("log", "exp", "sin", "sin", "exp", "exp", "sin", "log", "exp", "sin")


def test_beside_matchpy(note):
    """The same rules on the same chain of operations."""
    matchpy = pytest.importorskip("matchpy")
    new, unary = matchpy.Operation.new, matchpy.Arity.unary
    theirs = {name: new(name, unary, name.title()) for name in ("exp", "log", "sin")}
    x_ = matchpy.Wildcard.dot("x")
    texts = {
        ("log", "exp"): None,
        ("sin", "sin"): "exp",
        ("log", "sin"): None,
        ("exp", "exp"): "log",
        ("sin", "log"): None,
        ("exp", "sin"): None,
    }

    def rule(outer, inner, result):
        pattern = matchpy.Pattern(theirs[outer](theirs[inner](x_)))
        make = (lambda x: x) if result is None else (lambda x: theirs[result](x))
        return matchpy.ReplacementRule(pattern, make)

    rules = [rule(outer, inner, result) for (outer, inner), result in texts.items()]
    rounds = 30
    own = {"exp": exp, "log": log, "sin": sin}

    def chain(table, start):
        for name in ROUND * rounds:
            start = table[name](start)
        return start

    other = best_of(lambda: matchpy.replace_all(chain(theirs, matchpy.Symbol("x")), rules), 1)
    laws = RuleSet("six laws", six_laws)
    mine = best_of(lambda: rewrite([chain(own, scalar(next(_tags)))], laws), 3)
    count = rounds * len(ROUND)
    note(
        f"six laws on a chain of {count}: MatchPy {1e6 * other / count:.0f}, symflow "
        f"{1e6 * mine / count:.0f} microseconds a node: {other / mine:.0f} times faster"
    )


def test_compile_of_the_catalogue(benchmark):
    """All rules made ready for matching."""

    def compile_all():
        for rule in presets.CATALOGUE.values():
            if isinstance(rule, Rule):
                Rule.sides.fget(Rule(rule.name, rule.left, rule.right, kinds=rule.kinds))

    benchmark.pedantic(compile_all, rounds=3)
