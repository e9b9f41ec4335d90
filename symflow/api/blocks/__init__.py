"""Derivatives by several variables at once, in blocks."""

from symflow.api.blocks.matrix import BlockMatrix as BlockMatrix
from symflow.api.blocks.matrix import BlockRow as BlockRow
