"""Roles of a layer and the loops that they form.

A role is what a node is in its layer: the nodes of one orbit, at consecutive times.  A role reads
other roles at times before or after its own; roles that read each other in a circle must be
computed one layer after the other, from the first on (a forward sweep) or from the last on (a
backward sweep).  Times of roles are shifted so that a loop reads only what it has computed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from symflow.lowering.rolling_orbits import Shift
from symflow.lowering.rolling_sheet import Edge, Sheet


class Slot(NamedTuple):
    """An operand of a role at one time: its sign in the role and the operand as it stands."""

    sign: int
    edge: Edge


class Read(NamedTuple):
    """A role that reads another, so many places further in its orbit."""

    role: int
    distance: int


class Roles:
    """The roles of a map of layers.

    Attributes:
        sheet: the graph.
        orbits: the rows of each role, by time.
        where: the role of a row and its place there.
        signs: the sign between a row and its role.
        reads: what each role reads.
    """

    def __init__(self, sheet: Sheet, shift: Shift) -> None:
        self.sheet = sheet
        self._shift = shift
        self.orbits = shift.orbits()
        self.where: dict[int, tuple[int, int]] = {}
        self.signs: dict[int, int] = {}
        for role, rows in enumerate(self.orbits):
            sign = 1
            for place, row in enumerate(rows):
                self.where[row] = role, place
                self.signs[row] = sign
                sign *= shift.signs.get(row, 1)
        self._orders = self._ordered()
        self._slots = [self._listed(rows) for rows in self.orbits]
        self.reads = [self._reads(role) for role in range(len(self.orbits))]

    def slots(self, role: int, place: int) -> list[Slot]:
        """The operands of a role, in an order that is the same at all times."""
        return self._slots[role][place]

    def order(self, role: int, place: int) -> tuple[int, ...]:
        """For each slot the place of its operand in the node."""
        return self._orders[self.orbits[role][place]]

    def _ordered(self) -> dict[int, tuple[int, ...]]:
        orders: dict[int, tuple[int, ...]] = {}
        for rows in self.orbits:
            order = tuple(range(len(self.sheet.edges[rows[0]])))
            for row in rows:
                orders[row] = order
                if row in self._shift.orders:
                    order = tuple(self._shift.orders[row][k] for k in order)
        return orders

    def _listed(self, rows: Sequence[int]) -> list[list[Slot]]:
        signs = [1] * len(self.sheet.edges[rows[0]])
        result = []
        for row in rows:
            order, edges = self._orders[row], self.sheet.edges[row]
            result.append([Slot(sign, edges[k]) for sign, k in zip(signs, order, strict=True)])
            if row in self._shift.edges:
                changes = self._shift.edges[row]
                signs = [sign * changes[k] for sign, k in zip(signs, order, strict=True)]
        return result

    def _reads(self, role: int) -> list[Read]:
        found: Counter[Read] = Counter()
        for place, slots in enumerate(self._slots[role]):
            for slot in {slot.edge.row for slot in slots}:
                if slot in self.where:
                    other, there = self.where[slot]
                    found[Read(other, there - place)] += 1
        count = len(self.orbits[role])
        return [read for read, times in found.items() if times > count // 3]


@dataclass
class Loop:
    """Roles that are computed together, one layer after the other.

    Attributes:
        direction: 1 from the first layer to the last, -1 backwards.
        starts: for each role the time of its first row.
        first, last: the times of the first and last turn in the order of layers.
        core: the roles without which there is no loop.
    """

    direction: int
    starts: dict[int, int] = field(default_factory=dict)
    first: int = 0
    last: int = -1
    core: frozenset[int] = frozenset()

    @property
    def times(self) -> list[int]:
        """The times of the turns, in their order."""
        return list(range(self.first, self.last + 1))[:: self.direction]

    def without(self, time: int | None) -> "Loop | None":
        """The loop up to a turn near one of its ends, or from there on; None for one inside."""
        if time is None:
            return None
        before, after = time - self.first, self.last - time
        if 3 * min(before, after) > self.last - self.first:
            return None
        if before < after:
            return replace(self, first=time + 1)
        return replace(self, last=time - 1)


def loops(roles: Roles, least: int) -> list[Loop]:
    """The loops of a map of layers, those first that others read."""
    parts = components(roles.reads)
    keys = _keys(roles, parts)
    result = []
    for key in sorted({key for key in keys if key is not None}):
        members = [part for part, own in zip(parts, keys, strict=True) if own == key]
        loop = _placed(roles, members, key[1])
        if loop is not None and _ranged(roles, loop, least):
            result.append(loop)
    return result


def components(reads: Sequence[Sequence[Read]]) -> list[list[int]]:
    """The strongly connected parts, those first that others read (R. Tarjan, 1972)."""
    numbers: dict[int, int] = {}
    low: dict[int, int] = {}
    inside: set[int] = set()
    path: list[int] = []
    result: list[list[int]] = []
    for root in range(len(reads)):
        stack = [(root, 0)] if root not in numbers else []
        while stack:
            role, step = stack.pop()
            if step == 0:
                numbers[role] = low[role] = len(numbers)
                path.append(role)
                inside.add(role)
            else:
                low[role] = min(low[role], low[reads[role][step - 1].role])
            for place in range(step, len(reads[role])):
                other = reads[role][place].role
                if other not in numbers:
                    stack += [(role, place + 1), (other, 0)]
                    break
                if other in inside:
                    low[role] = min(low[role], numbers[other])
            else:
                if low[role] == numbers[role]:
                    part = path[path.index(role) :]
                    del path[path.index(role) :]
                    inside.difference_update(part)
                    result.append(part)
    return result


Key = tuple[int, int]  # how many sweeps come before, and the direction


def _keys(roles: Roles, parts: Sequence[Sequence[int]]) -> list[Key | None]:
    """The loop of each part: as late as its users allow, so that little is kept for later."""
    home = {role: k for k, part in enumerate(parts) for role in part}
    keys: list[Key | None] = []
    fixed: list[bool] = []
    for part in parts:
        below = [
            key
            for role in part
            for read in roles.reads[role]
            if home[read.role] < len(keys) and (key := keys[home[read.role]]) is not None
        ]
        latest = max(below, default=None)
        turn = _direction(roles, part)
        fixed.append(turn != 0)
        if turn == 0:
            keys.append(latest)
        elif latest is None or latest[1] == turn:
            keys.append((0 if latest is None else latest[0], turn))
        else:
            keys.append((latest[0] + 1, turn))
    users: list[list[int]] = [[] for _ in parts]
    for k, part in enumerate(parts):
        for other in {home[read.role] for role in part for read in roles.reads[role]} - {k}:
            users[other].append(k)
    for k in range(len(parts) - 1, -1, -1):
        above = [key for user in users[k] if (key := keys[user]) is not None]
        if not fixed[k] and above:
            keys[k] = min(above)
    return keys


def _direction(roles: Roles, part: Sequence[int]) -> int:
    """1 where a part reads earlier layers, -1 for later ones, 0 where it reads none."""
    inside, starts = set(part), {part[0]: 0}
    pending = [part[0]]
    turns: set[int] = set()
    while pending:
        role = pending.pop()
        for other, distance in roles.reads[role]:
            if other not in inside:
                continue
            start = starts[role] - distance
            if other not in starts:
                starts[other] = start
                pending.append(other)
            elif start != starts[other]:
                turns.add(1 if starts[other] < start else -1)
    return turns.pop() if len(turns) == 1 else 0


# ------------------------------------------------------------------------------- times


def _placed(roles: Roles, members: Sequence[Sequence[int]], direction: int) -> Loop | None:
    """A loop with the times of its roles; None where they contradict each other."""
    loop = Loop(direction)
    core: set[int] = set()
    rest: list[Sequence[int]] = []
    for part in members:
        starts = _circle(roles, part, direction)
        if starts is None:
            return None
        recurrent = _is_recurrent(roles, part)
        below = _gaps(roles, starts, loop.starts, direction)
        if not recurrent and not below:
            rest.append(part)
            continue
        shift = min(below, default=0)
        loop.starts |= {role: start + direction * -shift for role, start in starts.items()}
        if recurrent:
            core |= set(part)
    loop.core = frozenset(core)
    for part in reversed(rest):
        _before_users(roles, part[0], loop)
    return loop


def _is_recurrent(roles: Roles, part: Sequence[int]) -> bool:
    return len(part) > 1 or any(read.role == part[0] for read in roles.reads[part[0]])


def _gaps(
    roles: Roles, starts: Mapping[int, int], placed: Mapping[int, int], direction: int
) -> list[int]:
    """How many turns before its own each role of a part reads those already placed."""
    return [
        direction * (start - placed[read.role] - read.distance)
        for role, start in starts.items()
        for read in roles.reads[role]
        if read.role in placed and read.role not in starts
    ]


def _before_users(roles: Roles, role: int, loop: Loop) -> None:
    """A role that all its users in the loop read at their own time or later, one at its own."""
    starts = [
        loop.direction * (start - read.distance)
        for user, start in loop.starts.items()
        for read in roles.reads[user]
        if read.role == role
    ]
    if starts:
        loop.starts[role] = loop.direction * min(starts)


def _circle(roles: Roles, part: Sequence[int], direction: int) -> dict[int, int] | None:
    """Times of roles that read each other in a circle: one of them is kept, where one will do."""
    if not _is_recurrent(roles, part):
        return {part[0]: 0}
    inside = set(part)
    users = Counter(read.role for reads in roles.reads for read in reads)
    found = []
    for cut in part:
        starts = _cut(roles, inside, cut, direction)
        if starts is not None:
            ends = [start + len(roles.orbits[role]) for role, start in starts.items()]
            found.append((min(ends) - max(starts.values()), users[cut], -cut, starts))
    if found:
        return max(found, key=lambda entry: entry[:3])[3]
    return _relaxed(roles, inside, direction)


def _cut(roles: Roles, inside: set[int], cut: int, direction: int) -> dict[int, int] | None:
    """Times at which all but one role are read in the turn that computes them."""
    starts, pending = {cut: 0}, [cut]
    while pending:
        role = pending.pop()
        for other, distance in roles.reads[role]:
            if other in inside and other != cut and other not in starts:
                starts[other] = starts[role] - distance
                pending.append(other)
    if len(starts) < len(inside):
        return None
    for role in inside:
        for other, distance in roles.reads[role]:
            if other in inside:
                gap = direction * (starts[other] + distance - starts[role])
                if gap > 0 or (gap < 0) != (other == cut):
                    return None
    return starts


def _relaxed(roles: Roles, inside: set[int], direction: int) -> dict[int, int] | None:
    """Times at which nothing is read before it is computed (R. Bellman, 1958)."""
    late = dict.fromkeys(inside, 0)
    for _ in range(len(inside) + 1):
        changed = False
        for role in inside:
            for other, distance in roles.reads[role]:
                bound = late[role] - direction * distance
                if other in inside and late[other] > bound:
                    late[other], changed = bound, True
        if not changed:
            return {role: direction * start for role, start in late.items()}
    return None


def _ranged(roles: Roles, loop: Loop, least: int) -> bool:
    """Choose the turns: those that compute most, of those where all of the core is there."""
    spans = {
        role: (start, start + len(roles.orbits[role]) - 1) for role, start in loop.starts.items()
    }
    if not loop.core:
        return False
    first = max(spans[role][0] for role in loop.core)
    last = min(spans[role][1] for role in loop.core)
    lows = {low for low, _ in spans.values() if first <= low <= first + least} | {first}
    highs = {high for _, high in spans.values() if last - least <= high <= last} | {last}
    best = (0, 0, 0)
    for low in sorted(lows):
        for high in sorted(highs):
            inside = sum(a <= low and high <= b for a, b in spans.values())
            best = max(best, (inside * (high - low + 1), -low, high))
    loop.first, loop.last = -best[1], best[2]
    if loop.last - loop.first + 1 < least:
        return False
    dropped = {role for role, (a, b) in spans.items() if not (a <= loop.first and loop.last <= b)}
    return _without(roles, loop, dropped)


def _without(roles: Roles, loop: Loop, dropped: Iterable[int]) -> bool:
    """Leave roles out, and what needs them; false where the core is among these."""
    gone = set(dropped)
    tainted = {role for role in gone if any(r.role in loop.starts for r in roles.reads[role])}
    while True:
        more = {
            role
            for role in loop.starts.keys() - gone
            if any(read.role in tainted for read in roles.reads[role])
        }
        if not more:
            break
        gone |= more
        tainted |= more
    loop.starts = {role: start for role, start in loop.starts.items() if role not in gone}
    return not gone & loop.core
