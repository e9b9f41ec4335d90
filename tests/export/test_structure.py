"""The structure as JSON."""

import json

import numpy as np

import symflow.numpy as snp
from symflow.core import dims, matrix, vector
from symflow.export.structure import to_json
from symflow.ops.closure import function

n, d = dims("n d")


def test_nodes_stand_before_their_users_and_once():
    X, w = matrix("X", n, d, full_rank=True), vector("w", d)
    t = X @ w
    found = json.loads(to_json([snp.sum(t * t) / n, snp.exp(t)]))
    rows = found["nodes"]
    assert all(k < place for place, row in enumerate(rows) for k in row.get("operands", []))
    assert [rows[root]["kind"] for root in found["roots"]] == ["einsum", "apply"]
    assert [row["kind"] for row in rows].count("einsum") == 2
    (variable,) = (row for row in rows if row.get("name") == "X")
    assert variable == {
        "kind": "variable", "shape": ["n", "d"], "dtype": "float", "name": "X",
        "properties": ["full_rank"],
    }  # fmt: skip
    assert rows[found["roots"][0]]["coefficient"] == "1/n"


def test_parameters_constants_and_sums():
    x = vector("x", 3)
    found = json.loads(to_json(snp.max(x) - x[1:] + np.array([1.0, np.inf])))
    kinds = {row["kind"] for row in found["nodes"]}
    assert kinds == {"variable", "constant", "apply", "add", "einsum"}
    (constant,) = (row for row in found["nodes"] if row["kind"] == "constant")
    assert constant["values"] == [1.0, "inf"]
    (cut,) = (row for row in found["nodes"] if row.get("operation") == "slice")
    assert cut["params"] == {"runs": [[1, 2, 1]]}


def test_depth_is_no_matter():
    x = vector("x", n)
    for _ in range(20_000):
        x = snp.tanh(x)
    assert len(json.loads(to_json(x))["nodes"]) == 20_001


def test_functions_have_tables_of_their_own():
    x, A = vector("x", n), matrix("A", n, n)
    double = function([x], 2 * x, name="double")
    layer = function([A, x], snp.tanh(A @ double(x)), name="layer")
    found = json.loads(to_json(layer(A, double(x))))
    assert [entry["name"] for entry in found["functions"]] == ["double", "layer"]
    inner, outer = found["functions"]
    assert [inner["nodes"][k]["name"] for k in inner["inputs"]] == ["x"]
    (call,) = (row for row in outer["nodes"] if row.get("operation") == "call")
    assert call["params"] == {"closure": 0, "output": 0}
    assert found["nodes"][found["roots"][0]]["params"] == {"closure": 1, "output": 0}
