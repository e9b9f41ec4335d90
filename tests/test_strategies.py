"""The public strategies: what is there, and the theories of the catalogue in order."""

import symflow as sf
import symflow.numpy as snp
from rewrites import presets
from symflow import strategies as st

x = sf.vector("x", "n")


def test_names() -> None:
    assert sf.strategies is st
    assert all(hasattr(st, name) for name in st.__all__)


def test_theories_in_order() -> None:
    assert [*st.theories.values()] == [*presets.THEORIES]
    assert sf.rewrite(snp.log(snp.exp(x)), st.theories["exponential"]) is x


def test_all_parts_together() -> None:
    made = st.sequence(
        st.normalise,
        st.choice(st.once(st.theories["exponential"]), st.expand),
        st.repeat(st.shortest(st.factor, st.collect(x))),
        st.goal("readable"),
    )
    node = snp.log(snp.exp(x)) * 2 + x * sf.vector("y", "n")
    d = sf.derivation(node, strategy=made)
    assert d.result is sf.simplify(node)
    assert d.check()
