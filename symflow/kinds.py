"""Kinds of the variables of rules, for annotations: ``x: Real``, ``A: Matrix[m, n]``.

A kind is met where its property is declared or inferred; unknown means no.  ``k``, ``m``, ``n``
and ``p`` name sizes; any other name is given as text, ``Vector["r"]``, or as ``sf.dim("r")``.
"""

from symflow.rewriting.kinds import Antisymmetric as Antisymmetric
from symflow.rewriting.kinds import Bits as Bits
from symflow.rewriting.kinds import Boolean as Boolean
from symflow.rewriting.kinds import Diagonal as Diagonal
from symflow.rewriting.kinds import Integer as Integer
from symflow.rewriting.kinds import Invertible as Invertible
from symflow.rewriting.kinds import LowerTriangular as LowerTriangular
from symflow.rewriting.kinds import Matrix as Matrix
from symflow.rewriting.kinds import NonNegative as NonNegative
from symflow.rewriting.kinds import NonNegativeVector as NonNegativeVector
from symflow.rewriting.kinds import NonZero as NonZero
from symflow.rewriting.kinds import Number as Number
from symflow.rewriting.kinds import OneHot as OneHot
from symflow.rewriting.kinds import Orthogonal as Orthogonal
from symflow.rewriting.kinds import Orthonormal as Orthonormal
from symflow.rewriting.kinds import Permutation as Permutation
from symflow.rewriting.kinds import PlusMinusOne as PlusMinusOne
from symflow.rewriting.kinds import Positive as Positive
from symflow.rewriting.kinds import PositiveDefinite as PositiveDefinite
from symflow.rewriting.kinds import PositiveDeterminant as PositiveDeterminant
from symflow.rewriting.kinds import PositiveSemidefinite as PositiveSemidefinite
from symflow.rewriting.kinds import PositiveVector as PositiveVector
from symflow.rewriting.kinds import Real as Real
from symflow.rewriting.kinds import Simplex as Simplex
from symflow.rewriting.kinds import Square as Square
from symflow.rewriting.kinds import Symmetric as Symmetric
from symflow.rewriting.kinds import UnitInterval as UnitInterval
from symflow.rewriting.kinds import UnitVector as UnitVector
from symflow.rewriting.kinds import UpperTriangular as UpperTriangular
from symflow.rewriting.kinds import Vector as Vector
from symflow.rewriting.kinds import ZeroOne as ZeroOne
from symflow.rewriting.kinds import k as k
from symflow.rewriting.kinds import m as m
from symflow.rewriting.kinds import n as n
from symflow.rewriting.kinds import p as p
