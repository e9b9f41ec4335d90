"""An e-graph over symflow's nodes: classes of equal terms, closed under congruence, with proofs.

A class is a set of equal terms; one of them names it.  A term whose operands are all names is
canonical, and interning makes canonical terms that are equal one object: Einsums up to renaming,
sums up to order.  When two classes become one, the terms that use the losing name are made anew
with the winning one, which may unite further classes (G. Nelson, D. Oppen, "Fast decision
procedures based on congruence closure", 1980; M. Willsey et al., "egg", 2021).

>>> from symflow.core import vector
>>> from symflow.ops.elementwise import exp, sin
>>> x, y = vector("x", "n"), vector("y", "n")
>>> graph = EGraph()
>>> graph.add(sin(exp(x))), graph.add(sin(y))
(2, 4)
>>> graph.unite(exp(x), y, "given")
True
>>> graph.equal(sin(exp(x)), sin(y))
True
"""

from collections.abc import Iterator, Sequence

from symflow.core import Einsum, Tensor
from symflow.core.dims import same_shape
from symflow.core.walk import postorder
from symflow.rewriting.saturation.proof import Congruence, Forest, Link, Reason


class EGraph:
    """Classes of equal terms.

    Attributes:
        size: the number of terms.
    """

    def __init__(self) -> None:
        self.size = 0
        self._parent: list[int] = []
        self._names: list[Tensor] = []
        self._terms: list[list[Tensor]] = []
        self._users: list[list[Tensor]] = []
        self._classes: dict[Tensor, int] = {}
        self._forest = Forest()
        self._pending: list[Tensor] = []
        self._lost: list[int] = []
        self._renamed: list[tuple[Tensor, Tensor]] = []

    def __contains__(self, term: Tensor) -> bool:
        return term in self._classes

    # ------------------------------------------------------------------ looking

    def find(self, number: int) -> int:
        """The number of the class that a class has become."""
        parent = self._parent
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    def class_of(self, term: Tensor) -> int:
        """The class of a term that was added."""
        return self.find(self._classes[term])

    def equal(self, a: Tensor, b: Tensor) -> bool:
        """Whether two terms that were added are known to be equal."""
        return self.class_of(a) == self.class_of(b)

    def name(self, number: int) -> Tensor:
        """The term that names a class."""
        return self._names[self.find(number)]

    def terms(self, number: int) -> Sequence[Tensor]:
        """All terms of a class."""
        return self._terms[self.find(number)]

    def users(self, number: int) -> Sequence[Tensor]:
        """The canonical terms that have the name of a class among their operands."""
        return self._users[self.find(number)]

    def links(self, a: Tensor, b: Tensor) -> Iterator[Link]:
        """How one term is connected with an equal one, see :class:`Forest`."""
        return self._forest.path(a, b)

    # ------------------------------------------------------------------ growing

    def add(self, term: Tensor) -> int:
        """Put a term and all below it in; the number of its class."""
        waiting = [term]
        while waiting:
            known = len(waiting)
            for node in postorder([waiting[-1]], stop=self._classes.__contains__):
                canonical = self._canonical(node)
                if canonical is node or canonical in waiting:
                    self._open(node)
                elif canonical in self._classes:
                    self._join(node, canonical)
                else:
                    waiting.append(canonical)
                    break
            if len(waiting) == known:
                waiting.pop()
        return self.class_of(term)

    def unite(self, a: Tensor, b: Tensor, reason: Reason) -> bool:
        """Make two terms equal, and all that follows; whether that was news.

        Raises:
            ValueError: for terms of different shapes or data types.
        """
        if not same_shape(a.shape, b.shape) or a.dtype != b.dtype:
            raise ValueError(f"{a} and {b} differ in shape or data type")
        self.add(a)
        self.add(b)
        if self.equal(a, b):
            return False
        self._merge(a, b, reason)
        self._rebuild()
        return True

    def news(self) -> tuple[list[int], list[tuple[Tensor, Tensor]]]:
        """What happened since this was last asked.

        Returns:
            The classes that have become part of others, and the canonical terms that were made
            anew, with what they have become.
        """
        lost, renamed = self._lost, self._renamed
        self._lost, self._renamed = [], []
        return lost, renamed

    def canonical(self, term: Tensor) -> Tensor:
        """A term that was added, on the names of its operands' classes."""
        names = tuple([self._named(operand) for operand in term.operands])
        return term if names == term.operands else term.with_operands(names)

    def _canonical(self, node: Tensor) -> Tensor:
        """The node on the names of its operands' classes."""
        return node if not node.operands or node in self._classes else self.canonical(node)

    def _named(self, operand: Tensor) -> Tensor:
        return self._names[self.find(self._classes[operand])]

    def _open(self, node: Tensor) -> None:
        """A class of its own for a canonical term."""
        if node in self._classes:
            return
        number = len(self._parent)
        self._classes[node] = number
        self._parent.append(number)
        self._names.append(node)
        self._terms.append([node])
        self._users.append([])
        self.size += 1
        for operand in dict.fromkeys(node.operands):
            self._users[self.find(self._classes[operand])].append(node)

    def _join(self, node: Tensor, canonical: Tensor) -> None:
        """A term that is congruent with a known one."""
        number = self.class_of(canonical)
        self._classes[node] = number
        self._terms[number].append(node)
        self.size += 1
        self._forest.link(node, canonical, self._congruence(node))

    def _congruence(self, node: Tensor) -> Congruence:
        return Congruence(node, tuple(self._named(operand) for operand in node.operands))

    def _merge(self, a: Tensor, b: Tensor, reason: Reason) -> None:
        kept, lost = self.class_of(a), self.class_of(b)
        self._forest.link(a, b, reason)
        if self._rank(lost) > self._rank(kept):
            kept, lost = lost, kept
        self._parent[lost] = kept
        self._terms[kept].extend(self._terms[lost])
        self._pending.extend(self._users[lost])
        self._terms[lost] = []
        self._users[lost] = []
        self._lost.append(lost)

    def _rank(self, number: int) -> tuple[bool, bool, int]:
        """Leaves name their class, else what is no view, else what many terms use."""
        name = self._names[number]
        view = isinstance(name, Einsum) and len(name.operands) == 1
        return not name.operands, not view, len(self._users[number])

    def _rebuild(self) -> None:
        """Congruence restored: terms that used a lost name are made anew."""
        while self._pending:
            user = self._pending.pop()
            names = tuple(self._named(operand) for operand in user.operands)
            if names == user.operands:
                continue
            congruence = Congruence(user, names)
            fresh = user.with_operands(names)
            self.add(fresh)
            self._renamed.append((user, fresh))
            if not self.equal(user, fresh):
                self._merge(user, fresh, congruence)
