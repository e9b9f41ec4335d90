"""The rewrite engine: rules, matching, normal form, derivations.  It knows no rule."""

from symflow.rewriting.derivation import Derivation as Derivation
from symflow.rewriting.derivation import Step as Step
