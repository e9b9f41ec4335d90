"""The formula language: text to syntax tree, and syntax tree to whatever the names stand for."""

from symflow.language.builder import build as build
from symflow.language.names import free_names as free_names
from symflow.language.parser import parse_tree as parse_tree
from symflow.language.syntax import Assignment as Assignment
from symflow.language.syntax import Attribute as Attribute
from symflow.language.syntax import Binary as Binary
from symflow.language.syntax import Call as Call
from symflow.language.syntax import Compare as Compare
from symflow.language.syntax import Constant as Constant
from symflow.language.syntax import Index as Index
from symflow.language.syntax import Keyword as Keyword
from symflow.language.syntax import ListNode as ListNode
from symflow.language.syntax import Module as Module
from symflow.language.syntax import Name as Name
from symflow.language.syntax import Node as Node
from symflow.language.syntax import Number as Number
from symflow.language.syntax import Position as Position
from symflow.language.syntax import Slice as Slice
from symflow.language.syntax import String as String
from symflow.language.syntax import SyntaxName as SyntaxName
from symflow.language.syntax import TupleNode as TupleNode
from symflow.language.syntax import Unary as Unary
from symflow.language.syntax import children as children
from symflow.language.syntax import outline as outline
from symflow.language.syntax import walk as walk
from symflow.language.tokens import Limits as Limits
