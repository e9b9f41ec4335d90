"""The ground floor: dimensions, nodes and interning, properties, graph walks, the SymPy bridge."""

from symflow.core.add import Add as Add
from symflow.core.add import add_terms as add_terms
from symflow.core.add import constant as constant
from symflow.core.add import scaled as scaled
from symflow.core.add import split as split
from symflow.core.apply import Apply as Apply
from symflow.core.apply import apply as apply
from symflow.core.convert import accept as _accept
from symflow.core.convert import as_tensor as as_tensor
from symflow.core.dims import Dim as Dim
from symflow.core.dims import Shape as Shape
from symflow.core.dims import dim as dim
from symflow.core.dims import dims as dims
from symflow.core.einsum import Einsum as Einsum
from symflow.core.einsum import contract as contract
from symflow.core.node import Tensor as Tensor
from symflow.core.node import attach as attach
from symflow.core.node import rank_name as rank_name
from symflow.core.operation import Operation as Operation
from symflow.core.serial import reduce as _reduce
from symflow.core.variable import Constant as Constant
from symflow.core.variable import Scalar as Scalar
from symflow.core.variable import Variable as Variable
from symflow.core.variable import matrix as matrix
from symflow.core.variable import scalar as scalar
from symflow.core.variable import tensor as tensor
from symflow.core.variable import vector as vector
from symflow.core.walk import postorder as postorder
from symflow.core.walk import transform as transform

attach({"accept": _accept, "__reduce_ex__": _reduce, "__reduce__": _reduce})
