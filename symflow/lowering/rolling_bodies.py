"""The bodies of loops, and the expressions around them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TypeVar

import sympy as sp

from symflow.core import Add, Apply, Tensor, transform
from symflow.core.add import add_terms, constant, scaled
from symflow.core.dims import Shape
from symflow.core.variable import Variable
from symflow.lowering.rolling_orbits import shifts
from symflow.lowering.rolling_roles import Loop, Roles, loops
from symflow.lowering.rolling_scan import Part, Scan, Stretch
from symflow.lowering.rolling_sheet import Sheet
from symflow.ops.contraction import expand_dims, moveaxis
from symflow.ops.indexing import getitem

Key = TypeVar("Key")
SCOPE = "loop"
_DEEPEST = 8


def scans(roots: Sequence[Tensor], least: int) -> tuple[tuple[Tensor, ...], tuple[Scan, ...]]:
    """Expressions in terms of results of loops, and the loops.

    Args:
        roots: the expressions.
        least: how many layers a loop must have.
    """
    sheet = Sheet(roots)
    bodies: list[_Body] = []
    for number, shift in enumerate(shifts(sheet, least)):
        roles = Roles(sheet, shift)
        for loop in loops(roles, least):
            bodies.append(_Body(roles, loop, f"{SCOPE}{number}.{len(bodies)}"))
    while bodies:
        outside = _Outside(sheet, bodies)
        failed = outside.failed()
        if not failed:
            return outside.finished(roots)
        kept = [failed.get(body, body.loop) for body in bodies]
        bodies = [
            _Body(body.roles, loop, body.scope)
            for body, loop in zip(bodies, kept, strict=True)
            if loop is not None and loop.last - loop.first + 1 >= least
        ]
    return tuple(roots), ()


# --------------------------------------------------------------------------- in the loop


class _Unrollable(Exception):  # noqa: N818  (no error: the layers stay as they are)
    """What a turn needs is not known by then.

    Attributes:
        time: of the turn; None where it is all of them.
    """

    def __init__(self, time: int | None) -> None:
        super().__init__(time)
        self.time = time


@dataclass(frozen=True)
class _Entry:
    """An operand at one layer: a row of the sheet with a sign."""

    sign: int
    row: int


class _Body:
    """The body of one loop, made from the layer in the middle."""

    def __init__(self, roles: Roles, loop: Loop, scope: str) -> None:
        self.roles, self.loop, self.scope = roles, loop, scope
        self.sheet = roles.sheet
        self.times = loop.times
        self.count = len(self.times)
        self.middle = (loop.first + loop.last) // 2
        self.results: dict[int, Tensor] = {}  # role to its expression in the body
        self.carries: dict[tuple[int, tuple[_Entry, ...]], Variable] = {}
        self.steps: dict[tuple[_Entry, ...], Variable] = {}
        self.fixed: dict[_Entry, Variable] = {}
        self.kept: dict[int, Variable] = {}
        self.totals: dict[int, Variable] = {}
        self.turned: set[int] = set()  # roles that are kept with the other sign

    @property
    def rows(self) -> Iterator[int]:
        """The rows that the loop computes."""
        for role in self.loop.starts:
            for time in self.times:
                yield self.row(role, time)

    def row(self, role: int, time: int) -> int:
        """The row of a role at a time."""
        return self.roles.orbits[role][time - self.loop.starts[role]]

    def layer(self, time: int) -> int:
        """The place of a turn among the layers."""
        return time - self.loop.first

    def make(self) -> None:
        """Make the body.

        Raises:
            _Unrollable: where a turn reads what a later one computes.
        """
        for role in sorted(self.loop.starts, key=lambda role: self.row(role, self.middle)):
            self.results[role] = self._made(role)

    def _made(self, role: int) -> Tensor:
        row = self.row(role, self.middle)
        place = self.middle - self.loop.starts[role]
        node = self.sheet.nodes[row]
        operands = list(node.operands)
        for slot, k in enumerate(self.roles.order(role, place)):
            operands[k] = self._operand(role, slot)
        return scaled(sp.Integer(self.roles.signs[row]), node.with_operands(tuple(operands)))

    def _entries(self, role: int, slot: int) -> list[_Entry]:
        """The operand in the order of the turns, with the sign that it has in the role."""
        result = []
        for time in self.times:
            sign, edge = self.roles.slots(role, time - self.loop.starts[role])[slot]
            result.append(_Entry(sign * edge.sign, edge.row))
        return result

    def _operand(self, role: int, slot: int) -> Tensor:
        """An operand of the middle layer, by what the body is given."""
        entries = self._entries(role, slot)
        place = self.middle - self.loop.starts[role]
        sign, edge = self.roles.slots(role, place)[slot]
        if len(set(entries)) == 1:
            return _signed(edge.sign, self._outer(_Entry(1, edge.row)))
        known = self.roles.where.get(edge.row)
        if known is not None and known[0] in self.loop.starts:
            other, there = known
            back = self.loop.direction * (self.middle - there - self.loop.starts[other])
            value = self._read(other, back, entries)
            return _signed(edge.sign * self.roles.signs[edge.row], value)
        return _signed(sign, self._step(tuple(entries)))

    def _outer(self, entry: _Entry) -> Tensor:
        """What is the same in all turns: as it is, or computed outside."""
        node = self.sheet.nodes[entry.row]
        if not node.operands:
            return node
        return self._named(self.fixed, "fixed", entry, node)

    def _read(self, role: int, back: int, entries: Sequence[_Entry]) -> Tensor:
        """The value of a role so many turns before."""
        for turn, time in enumerate(self.times[back:], back):
            expected = self.row(role, self.times[turn - back])
            if entries[turn].row != expected:
                raise _Unrollable(time)
        if back == 0:
            return self.results[role]
        if back < 0 or back > _DEEPEST or back >= self.count:
            raise _Unrollable(None)
        # the sign between the operand and the role is the same at all times
        later = entries[back]
        ratio = later.sign * self.roles.signs[later.row]
        before = [
            _Entry(ratio * entries[back - m].sign, entries[back - m].row)
            for m in range(1, back + 1)
        ]
        for m in range(1, back + 1):
            key = role, tuple(before[:m])
            self._named(self.carries, "state", key, self.sheet.nodes[self.row(role, self.middle)])
        return self.carries[role, tuple(before)]

    def _step(self, entries: tuple[_Entry, ...]) -> Variable:
        by_layer = entries[:: self.loop.direction]
        return self._named(self.steps, "part", by_layer, self.sheet.nodes[entries[0].row])

    def _named(self, table: dict[Key, Variable], kind: str, key: Key, node: Tensor) -> Variable:
        """The variable of the body for something, made when it is first asked for."""
        if key not in table:
            table[key] = self._variable(f"{kind}{len(table) or ''}", node.shape, node.dtype)
        return table[key]

    def _variable(self, name: str, shape: Shape, dtype: str) -> Variable:
        found: Variable = Variable(name, shape, dtype, (), self.scope)
        return found

    # ------------------------------------------------------------------ what is read from outside

    def result(self, row: int) -> Tensor:
        """The expression outside for a row that the loop computes."""
        role, place = self.roles.where[row]
        time = place + self.loop.starts[role]
        sign = self.roles.signs[row]
        if time == self.times[-1]:
            key = next((key for key in self.carries if key[0] == role and len(key[1]) == 1), None)
            if key is not None:
                return _signed(sign, self.final(self.carries[key]))
        return _signed(sign * self.sign(role), getitem(self.all_of(role), self.layer(time)))

    def final(self, carry: Variable) -> Variable:
        """The last value of a carry."""
        return self._variable(f"last_{carry.name}", carry.shape, carry.dtype)

    def all_of(self, role: int) -> Variable:
        """The values of a role in all layers."""
        if role not in self.kept:
            node = self.sheet.nodes[self.row(role, self.middle)]
            name, shape = f"kept{len(self.kept) or ''}", (self.count, *node.shape)
            self.kept[role] = self._variable(name, shape, node.dtype)
        return self.kept[role]

    def sign(self, role: int) -> int:
        """The sign with which a role is kept."""
        return -1 if role in self.turned else 1

    def total(self, role: int) -> Variable:
        """The sum of a role over all layers, kept up in the loop."""
        node = self.sheet.nodes[self.row(role, self.middle)]
        return self.final(self._named(self.totals, "total", role, node))

    def scan(self, outside: "_Outside") -> Scan:
        """The loop, once it is known what is read of it."""
        carries = [(key, variable) for key, variable in self.carries.items()]
        starts = [outside.entry(before[-1]) for (_, before), _ in carries]
        nexts = [
            self.results[role] if len(before) == 1 else self.carries[role, before[:-1]]
            for (role, before), _ in carries
        ]
        totals = list(self.totals.items())
        starts += [constant(sp.S.Zero, v.shape, v.dtype) for _, v in totals]
        nexts += [
            add_terms([(sp.S.One, v), (sp.S.One, self.results[role])], v.shape, v.dtype)
            for role, v in totals
        ]
        variables = [*(variable for _, variable in carries), *(v for _, v in totals)]
        signs = [outside.sign(entries) for entries in self.steps]
        wrong = [v for v, sign in zip(self.steps.values(), signs, strict=True) if sign < 0]
        turned = {variable: scaled(sp.S.NegativeOne, variable) for variable in wrong}
        kept = [_signed(self.sign(role), self.results[role]) for role in self.kept]
        outputs = transform([*nexts, *kept], lambda node: None, turned)
        return Scan(
            count=self.count,
            backwards=self.loop.direction < 0,
            carries=tuple(variables),
            starts=tuple(starts),
            steps=tuple(self.steps.values()),
            series=tuple(
                outside.series([_Entry(sign * e.sign, e.row) for e in entries])
                for sign, entries in zip(signs, self.steps, strict=True)
            ),
            fixed=tuple(self.fixed.values()),
            values=tuple(outside.entry(entry) for entry in self.fixed),
            outputs=tuple(outputs),
            finals=tuple(map(self.final, variables)),
            kept=tuple(self.kept.values()),
        )


def _signed(sign: int, node: Tensor) -> Tensor:
    return node if sign > 0 else scaled(sp.S.NegativeOne, node)


# -------------------------------------------------------------------------- around the loops


class _Outside:
    """What is computed outside some loops."""

    def __init__(self, sheet: Sheet, bodies: Sequence[_Body]) -> None:
        self.sheet = sheet
        self.bodies = bodies
        self.owner = {row: body for body in bodies for row in body.rows}
        self.made: dict[int, Tensor] = {}
        self._sums: dict[int, list[tuple[_Body, int, sp.Expr]]] = {}
        self._loose: dict[int, list[int]] = {}

    def failed(self) -> dict[_Body, Loop | None]:
        """The loops that cannot be, and what is left of them: some read what comes after them."""
        bad: dict[_Body, Loop | None] = {}
        for body in self.bodies:
            try:
                body.make()
            except _Unrollable as error:
                bad[body] = body.loop.without(error.time)
        if bad:
            return bad
        done: set[_Body] = set()
        for body in self.bodies:
            needed = [entry.row for entry in self._given(body)]
            if any(self.owner[row] not in done for row in self._reached(needed)[1]):
                bad[body] = None
            done.add(body)
        return bad

    def _given(self, body: _Body) -> Iterator[_Entry]:
        for _, before in body.carries:
            yield before[-1]
        for entries in body.steps:
            yield from entries
        yield from body.fixed

    def _below(self, row: int) -> list[int]:
        """The rows that a row outside is computed from, whole sums over a role left out."""
        if row not in self._loose:
            self._loose[row] = self._summed(row)
        return self._loose[row]

    def _summed(self, row: int) -> list[int]:
        """Find the roles that a sum adds up over all layers; gives what is left of it."""
        edges = self.sheet.edges[row]
        below = [edge.row for edge in edges]
        node = self.sheet.nodes[row]
        if not isinstance(node, Add):
            return below
        groups: dict[tuple[_Body, int], dict[int, sp.Expr]] = {}
        for edge, coefficient in zip(edges, node.coefficients, strict=True):
            body = self.owner.get(edge.row)
            if body is not None:
                role = body.roles.where[edge.row][0]
                value = coefficient * edge.sign * body.roles.signs[edge.row]
                groups.setdefault((body, role), {})[edge.row] = value
        gone: set[int] = set()
        for (body, role), found in groups.items():
            if len(found) == body.count and len(set(found.values())) == 1:
                self._sums.setdefault(row, []).append((body, role, next(iter(found.values()))))
                gone.update(found)
        return [other for other in below if other not in gone]

    def _reached(self, rows: Iterable[int]) -> tuple[list[int], set[int]]:
        """The rows outside that some rows need, operands first, and those of loops."""
        order: list[int] = []
        of_loops: set[int] = set()
        seen: set[int] = set()
        stack = [(row, False) for row in rows]
        while stack:
            row, done = stack.pop()
            if done:
                order.append(row)
                continue
            if row in seen:
                continue
            seen.add(row)
            if row in self.owner:
                of_loops.add(row)
                continue
            stack.append((row, True))
            stack += [(other, False) for other in self._below(row)]
            of_loops.update(
                body.row(role, body.times[0]) for body, role, _ in self._sums.get(row, ())
            )
        return order, of_loops

    def finished(self, roots: Sequence[Tensor]) -> tuple[tuple[Tensor, ...], tuple[Scan, ...]]:
        """The expressions in terms of the loops, and the loops."""
        self._turn(roots)
        results = [_signed(sign, self.node(row)) for sign, row in map(self.sheet.place, roots)]
        found = [body.scan(self) for body in reversed(self.bodies)]
        return tuple(results), tuple(reversed(found))

    def _turn(self, roots: Sequence[Tensor]) -> None:
        """Keep roles with the signs that most of their readers ask for."""
        votes: Counter[tuple[_Body, int]] = Counter()
        given = [_Entry(*place) for place in map(self.sheet.place, roots)]
        given += [e for body in self.bodies for entries in body.steps for e in entries]
        for entry in given:
            body = self.owner.get(entry.row)
            if body is not None:
                roles = body.roles
                votes[body, roles.where[entry.row][0]] += entry.sign * roles.signs[entry.row]
        for (body, role), total in votes.items():
            if total < 0:
                body.turned.add(role)

    def sign(self, entries: Sequence[_Entry]) -> int:
        """The sign between entries and what is kept, where it is the same for all; else 1."""
        known = [self._stretch(0, entry) for entry in entries]
        wrong = all(stretch is not None and stretch[3] < 0 for stretch in known)
        return -1 if wrong else 1

    def entry(self, entry: _Entry) -> Tensor:
        """An operand of a loop."""
        return _signed(entry.sign, self.node(entry.row))

    def node(self, row: int) -> Tensor:
        """The expression for a row."""
        if row in self.owner:
            return self._of_loop(row)
        for other in self._reached([row])[0]:
            if other not in self.made:
                self.made[other] = self._rebuilt(other)
        return self.made[row]

    def _of_loop(self, row: int) -> Tensor:
        if row not in self.made:
            self.made[row] = self.owner[row].result(row)
        return self.made[row]

    def _rebuilt(self, row: int) -> Tensor:
        node, edges = self.sheet.nodes[row], self.sheet.edges[row]
        if not edges:
            return node
        totals = self._sums.get(row)
        if totals is None:
            return node.with_operands(tuple(self._operand(e.sign, e.row) for e in edges))
        assert isinstance(node, Add)
        left = set(self._below(row))
        terms = [
            (coefficient, self._operand(edge.sign, edge.row))
            for coefficient, edge in zip(node.coefficients, edges, strict=True)
            if edge.row in left
        ]
        terms += [(coefficient, body.total(role)) for body, role, coefficient in totals]
        return add_terms(terms, node.shape, node.dtype)

    def _operand(self, sign: int, row: int) -> Tensor:
        known = self._of_loop(row) if row in self.owner else self.made[row]
        return _signed(sign, known)

    # ------------------------------------------------------------------ values by layer

    def series(self, entries: Sequence[_Entry]) -> tuple[Part, ...]:
        """The values of an operand in all layers."""
        parts: list[Part] = []
        for key, group in groupby(enumerate(entries), key=lambda pair: self._stretch(*pair)):
            found = [entry for _, entry in group]
            if key is None:
                sliced = self._slices(found)
                parts += [sliced] if sliced is not None else [self.entry(entry) for entry in found]
                continue
            body, role, _, sign = key
            first = body.layer(body.roles.where[found[0].row][1] + body.loop.starts[role])
            if sign < 0:
                parts += [self.entry(entry) for entry in found]
            else:
                parts.append(Stretch(body.all_of(role), first, len(found)))
        return tuple(parts)

    def _stretch(self, place: int, entry: _Entry) -> tuple[_Body, int, int, int] | None:
        """What entries that follow each other in a loop have in common."""
        body = self.owner.get(entry.row)
        if body is None:
            return None
        role, there = body.roles.where[entry.row]
        sign = entry.sign * body.roles.signs[entry.row] * body.sign(role)
        return body, role, there - place, sign

    def _slices(self, entries: Sequence[_Entry]) -> Stretch | None:
        """Entries that are consecutive positions of one array."""
        if len(entries) < 2 or any(entry.sign < 0 for entry in entries):
            return None
        nodes = [self.sheet.nodes[entry.row] for entry in entries]
        runs = [_position(node) for node in nodes]
        if runs[0] is None or any(run is None for run in runs):
            return None
        places = [run[1] for run in runs if run is not None]
        if len({run[0] for run in runs if run is not None}) > 1:
            return None
        if any(b - a != 1 for a, b in pairwise(places)):
            return None
        axis = _axis(nodes[0])
        source = self.node(self.sheet.edges[entries[0].row][0].row)
        whole: list[object] = [slice(None)] * source.rank
        whole[axis] = slice(places[0], places[-1] + 1)
        taken = moveaxis(getitem(source, tuple(whole)), axis, 0)
        return Stretch(expand_dims(taken, axis + 1), 0, len(entries))


def _axis(node: Tensor) -> int:
    assert isinstance(node, Apply)
    wide = node.operands[0].shape
    return next(k for k, run in enumerate(node.params[0]) if run[1] == 1 and wide[k] != 1)


def _position(node: Tensor) -> tuple[object, int] | None:
    """What a slice of one position has in common with its neighbours, and the position."""
    if not isinstance(node, Apply) or node.operation.name != "slice":
        return None
    wide = node.operands[0].shape
    single = [k for k, run in enumerate(node.params[0]) if run[1] == 1 and wide[k] != 1]
    if len(single) != 1:
        return None
    (axis,) = single
    start = node.params[0][axis][0]
    if not isinstance(start, int):
        return None
    rest = tuple(run for k, run in enumerate(node.params[0]) if k != axis)
    if any(
        run[0] != 0 or run[2] != 1 or run[1] != wide[k]
        for k, run in enumerate(node.params[0])
        if k != axis
    ):
        return None
    return (node.operands[0], axis, rest), start
