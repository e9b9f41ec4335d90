"""Places: paths to nodes and to what differs."""

import symflow.numpy as snp
from symflow.core import vector
from symflow.ops.elementwise import cos, exp, sin
from symflow.rewriting.places import at, path_of_change, path_to

x, y = vector("x", "n"), vector("y", "n")


def test_a_path_leads_to_its_node() -> None:
    root = exp(sin(x) + cos(y)) * y
    for node in root.walk():
        path = path_to(root, node)
        assert path is not None
        assert at(root, path) is node
    assert path_to(root, root) == ()
    assert path_to(root, exp(x)) is None


def test_the_shortest_of_several_paths() -> None:
    path = path_to(snp.maximum(sin(sin(x)), x), x)
    assert path is not None
    assert len(path) == 1


def test_the_least_subterm_that_holds_all_changes() -> None:
    before, after = exp(sin(x)) + cos(y), exp(sin(y)) + cos(y)
    assert at(before, path_of_change(before, after)) is x
    assert at(after, path_of_change(after, before)) is y
    assert path_of_change(snp.maximum(x, sin(x)), snp.maximum(y, sin(y))) == ()
    assert path_of_change(sin(x), cos(x)) == ()
