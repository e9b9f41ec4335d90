"""The façade: a frozen list of public names, each of which loads on first use."""

import ast
import os
import subprocess
import sys

import pytest

import symflow as sf
from tests.architecture.tree import ROOT

PUBLIC = [
    "BatchingError",
    "Budget",
    "BudgetError",
    "BudgetWarning",
    "ClosedFormError",
    "DTypeError",
    "DifferentialError",
    "DomainError",
    "LoweringError",
    "Normal",
    "ParseError",
    "RankError",
    "RuleError",
    "ShapeError",
    "SymflowError",
    "Tensor",
    "collect",
    "curl",
    "derivation",
    "derive",
    "dim",
    "dims",
    "directional",
    "divergence",
    "elementwise",
    "errors",
    "expand",
    "expectation",
    "export",
    "factor",
    "from_sympy",
    "function",
    "grad",
    "graph",
    "hessian",
    "hvp",
    "implicit",
    "inline",
    "jacobian",
    "jvp",
    "kinds",
    "laplacian",
    "latex",
    "linalg",
    "lower",
    "matrix",
    "nn",
    "normalise",
    "numpy",
    "parse",
    "pretty",
    "rank_name",
    "rewrite",
    "rule",
    "scalar",
    "simplify",
    "special",
    "stats",
    "strategies",
    "structure",
    "tensor",
    "text",
    "theory",
    "to_sympy",
    "value_and_grad",
    "vector",
    "verify",
    "vhp",
    "vjp",
    "vmap",
]


def in_fresh_interpreter(code: str) -> str:
    """What a program prints that starts with nothing loaded."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-W", "error", "-c", code]
    output = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert output.returncode == 0, output.stderr
    return output.stdout.strip()


def test_public_names_are_frozen():
    assert sorted(PUBLIC) == sf.__all__


def test_dir_names_them():
    assert set(PUBLIC) <= set(dir(sf))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_resolves(name):
    assert getattr(sf, name) is getattr(sf, name)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'symflow' has no attribute 'gradd'"):
        _ = sf.gradd


def test_star_import():
    names: dict[str, object] = {}
    exec("from symflow import *", names)
    assert set(PUBLIC) <= set(names)


def test_any_name_brings_operators_and_printing():
    code = "from symflow import vector; x = vector('x', 'n'); print(x * x)"
    assert in_fresh_interpreter(code) == "x ** 2"


@pytest.mark.parametrize(
    ("call", "result"),
    [
        ("x.diff(x)", "eye(n)"),
        ("(x - x).simplify()", "zeros((n,))"),
        ("sympy.simplify(x + x)", "2 * x"),
        ("sympy.diff(x, x)", "eye(n)"),
    ],
)
def test_the_first_method_of_a_verb_loads_the_verbs(call, result):
    code = "import sys, sympy; from symflow import vector; x = vector('x', 'n');"
    code += f"print('symflow.api' in sys.modules, {call}, 'symflow.api' in sys.modules, sep='|')"
    assert in_fresh_interpreter(code) == f"False|{result}|True"


def test_the_verb_export_stands_before_the_package():
    code = "import symflow.export, symflow; print(symflow.export.__name__, symflow.export('x'))"
    code = code.replace("symflow.export('x')", "callable(symflow.export)")
    assert in_fresh_interpreter(code) == "export True"


def test_using_names_loads_no_jax():
    code = "import sys, symflow as sf; sf.grad, sf.lower, sf.verify, sf.numpy, sf.export;"
    code += "print(*[m for m in ('jax', 'jaxlib', 'scipy') if m in sys.modules])"
    assert in_fresh_interpreter(code) == ""


def test_editors_see_the_same_names():
    source = (ROOT / "symflow" / "__init__.py").read_text("utf-8")
    (block,) = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    seen = {name.name for line in block.body for name in line.names}
    assert sorted(seen) == sf.__all__
