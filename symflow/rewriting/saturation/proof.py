"""Why terms are equal: a forest whose edges are the reasons that were given.

Between two equal terms there is one path; an edge is a reason that was stated, or congruence,
whose operands are connected in turn by edges that are older.  (R. Nieuwenhuis, A. Oliveras,
"Proof-producing congruence closure", 2005.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from symflow.core import Tensor

Reason = Any


@dataclass(frozen=True)
class Congruence:
    """A term is equal to itself with other, equal operands.

    Attributes:
        term: the term.
        operands: the operands put in.
    """

    term: Tensor
    operands: tuple[Tensor, ...]


class Link(NamedTuple):
    """An edge on the way from one term to another.

    Attributes:
        start: the term before.
        end: the term after.
        reason: why they are equal.
        forward: whether the reason was stated in this direction.
    """

    start: Tensor
    end: Tensor
    reason: Reason
    forward: bool


class Forest:
    """Trees of equal terms."""

    def __init__(self) -> None:
        self._up: dict[Tensor, Link] = {}

    def link(self, a: Tensor, b: Tensor, reason: Reason) -> None:
        """Connect the trees of two terms that are not connected yet."""
        self._reroot(a)
        self._up[a] = Link(a, b, reason, forward=True)

    def path(self, a: Tensor, b: Tensor) -> Iterator[Link]:
        """The edges between two connected terms, in order."""
        behind: dict[Tensor, int] = {a: 0}
        links = []
        current = a
        while current in self._up:
            links.append(self._up[current])
            current = links[-1].end
            behind[current] = len(links)
        back = []
        current = b
        while current not in behind:
            back.append(self._up[current])
            current = back[-1].end
        yield from links[: behind[current]]
        for link in reversed(back):
            yield _turned(link)

    def _reroot(self, term: Tensor) -> None:
        links = []
        current = term
        while current in self._up:
            links.append(self._up.pop(current))
            current = links[-1].end
        for link in links:
            self._up[link.end] = _turned(link)


def _turned(link: Link) -> Link:
    return Link(link.end, link.start, link.reason, not link.forward)
