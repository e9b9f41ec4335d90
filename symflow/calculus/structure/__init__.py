"""The form of a derivative seen as a linear map: what it is made of, and how to compute with it."""

from symflow.calculus.structure.analysis import structure_of as structure_of
from symflow.calculus.structure.base import Manner as Manner
from symflow.calculus.structure.base import Structure as Structure
from symflow.calculus.structure.kronecker_sum import KroneckerSum as KroneckerSum
from symflow.calculus.structure.products import BlockDiagonal as BlockDiagonal
from symflow.calculus.structure.products import Factor as Factor
from symflow.calculus.structure.products import Kronecker as Kronecker
from symflow.calculus.structure.simple import Dense as Dense
from symflow.calculus.structure.simple import Diagonal as Diagonal
from symflow.calculus.structure.simple import ScaledIdentity as ScaledIdentity
from symflow.calculus.structure.simple import Zero as Zero
from symflow.calculus.structure.sums import LowRank as LowRank
from symflow.calculus.structure.sums import Sum as Sum
from symflow.calculus.structure.sums import Updated as Updated
