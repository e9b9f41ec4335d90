"""The page on coverage is current, and JAX's namespaces are covered as far as is promised."""

import runpy
from pathlib import Path

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.ops.absent import reason

DOCS = Path(__file__).parent.parent / "docs"
PROMISED = {
    "jax.numpy": 0.9,
    "jax.nn": 0.95,
    "jax.scipy.special": 0.95,
    "jax.scipy.linalg": 0.9,
    "jax.scipy.stats": 0.85,
}


@pytest.fixture(scope="module")
def page():
    return runpy.run_path(str(DOCS / "coverage_page.py"))


def test_page_is_as_generated(page):
    assert (DOCS / "coverage.md").read_text("utf-8") == page["coverage"](), "run `make docs`"


def test_as_much_is_covered_as_is_promised(page):
    shares = page["shares"]()
    assert {name for name, least in PROMISED.items() if shares[name] < least} == set()


def test_what_is_absent_has_a_reason(page):
    text = page["coverage"]()
    assert "not there yet" not in text


def test_a_namespace_says_why_a_name_is_absent():
    assert "depends on values" in reason("", "unique")
    with pytest.raises(AttributeError, match="depends on values"):
        snp.unique  # noqa: B018
    with pytest.raises(AttributeError, match="has no 'foo'"):
        snp.foo  # noqa: B018
    with pytest.raises(AttributeError, match="not unique"):
        sf.linalg.schur  # noqa: B018
    assert not hasattr(snp, "nonzero")
