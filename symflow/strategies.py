"""Strategies to be put together, and the theories of the catalogue to put into them.

A strategy is used by ``sf.rewrite(x, strategy)``; wherever one is asked for, a rule, a theory or a
list of rules will do and means "until none of them applies".

>>> import symflow as sf, symflow.numpy as snp
>>> from symflow import strategies as st
>>> x = sf.vector("x", "n")
>>> tidy = st.sequence(st.expand, st.repeat(st.theories["exponential"]), st.factor)
>>> tidy
sequence(expand, repeat(exponential), factor)
>>> sf.rewrite(snp.log(snp.exp(x)) + x, tidy)
2 * x
"""

from collections.abc import Mapping

from rewrites import presets
from symflow.api.goals import strategy_for as goal
from symflow.api.strategies import collecting as collect
from symflow.api.strategies import expanding as expand
from symflow.rewriting.engine import Budget as Budget
from symflow.rewriting.rule import Theory
from symflow.rewriting.strategies import Strategy as Strategy
from symflow.rewriting.strategies import choice as choice
from symflow.rewriting.strategies import factor as factor
from symflow.rewriting.strategies import normal_form as normalise
from symflow.rewriting.strategies import once as once
from symflow.rewriting.strategies import repeat as repeat
from symflow.rewriting.strategies import sequence as sequence
from symflow.rewriting.strategies import shortest as shortest

theories: Mapping[str, Theory] = {theory.name: theory for theory in presets.THEORIES}

__all__ = [
    "Budget",
    "Strategy",
    "choice",
    "collect",
    "expand",
    "factor",
    "goal",
    "normalise",
    "once",
    "repeat",
    "sequence",
    "shortest",
    "theories",
]
