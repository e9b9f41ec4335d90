"""SymPy's expressions as tensors, and tensors as SymPy's expressions.

``reading`` is the entry of one way: a survey finds sizes and indices, the reader walks the
expression, tables of classes (``scalars``, ``matrices``, ``arrays``) say what each means.
``writing`` is the entry of the other: the writer walks the graph, ``terms`` knows SymPy's names for
tensors of every rank, ``contractions`` and ``trees`` find the one for a contraction.
"""
