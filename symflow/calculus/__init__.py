"""Differentials to forward mode, reverse mode, Jacobians and Hessians."""

from symflow.calculus.derivatives import gradients as gradients
from symflow.calculus.derivatives import jacobians as jacobians
from symflow.calculus.derivatives import pullback as pullback
from symflow.calculus.derivatives import pushforward as pushforward
from symflow.calculus.differential import Adjoint as Adjoint
from symflow.calculus.differential import Calculus as Calculus
from symflow.calculus.differential import Differential as Differential
from symflow.calculus.structured import shared_entries as shared_entries
from symflow.calculus.structured import unstructured as unstructured
