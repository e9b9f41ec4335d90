"""When layers become loops, and from which expressions."""

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.api.layers import layered, swept
from tests.benchmarks.models import dense, gradient, recurrent, transformer


def test_shallow_models_stay_as_they_are():
    for model in (dense(64, "q"), transformer(4, "q")):
        assert "lax.scan" not in sf.lower(*gradient(model)).source


def test_the_way_is_chosen_by_what_it_takes():
    """Compiled layers are called where they are large, scanned where nothing must be stacked."""
    deep = gradient(transformer(12, "w"))
    assert "def layer(" in sf.lower(*deep).source
    assert "lax.scan" not in sf.lower(*deep).source
    assert "lax.scan" in sf.lower(*deep, roll="scan").source


def test_deep_models_are_rolled_unasked():
    assert "lax.scan" in sf.lower(*gradient(recurrent(40, "u"))).source
    assert "lax.scan" not in sf.lower(*gradient(recurrent(40, "u")), roll=False).source


@pytest.mark.parametrize("roll", ["yes", 1.5, None])
def test_another_wish_is_refused(roll):
    x = sf.vector("x", "n")
    with pytest.raises(sf.LoweringError, match="roll is True, False, 'auto'"):
        sf.lower(snp.sum(x), roll=roll)


def test_a_budget_of_memory_goes_without_loops():
    f, _ = dense(5, "m")
    with pytest.raises(sf.LoweringError, match="roll=True"):
        sf.lower(f, roll=True, memory="1GB")


def test_forms_before_tidying_are_used():
    expressions = gradient(transformer(4, "f"))
    assert any(a is not b for a, b in zip(swept(expressions), expressions, strict=True))
    assert layered(expressions, roll=False).roots == tuple(expressions)
