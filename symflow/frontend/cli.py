"""The command line: ``symflow derive``, ``simplify``, ``graph``, ``export`` and ``demo``."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

import symflow
from symflow.errors import SymflowError
from symflow.frontend import commands, demo
from symflow.frontend.output import EXPRESSION_FORMATS, PROGRAM_FORMATS

OK, UNVERIFIED, USAGE = 0, 1, 2
_HIGHEST_ORDER = 8

_EXAMPLES = """\
examples:
  symflow derive "sum((X*w - y)^2)" --wrt w --var "X: n d"
  symflow derive "x'*A*x" --wrt x --order 2 --var "x: n" --var "A: n n symmetric"
  symflow derive "sum((X*w - y)^2)" --wrt w --var "X: n d" --steps --verify
  symflow simplify "log(exp(x) .* exp(y))" --var "x: n" --var "y: n"
  symflow graph "tr(A*B*C)" --var "A: n m" --var "B: m k" --var "C: k n" --size n=100
  symflow export "softmax(X*w)" --var "X: n d" --format jax
  symflow demo

A formula is read as on the blackboard: X*w is the matrix product, X' the transpose, .* ./ .^ work
entry by entry. --syntax numpy reads it as Python: X @ w, X.T, x**2.

A declaration names a variable, its sizes, and what is known of it: "X: n d", "c:" (a scalar),
"A: n n positive_definite", "k: n int". Shapes that the formula decides may be left out.

exit status: 0 done, 1 a verification failed, 2 the input was not understood.
"""


def parser() -> argparse.ArgumentParser:
    """The arguments of all commands."""
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(
        prog="symflow",
        description="Symbolic tensor algebra: derive, simplify and export formulas.",
        epilog=_EXAMPLES,
        formatter_class=raw,
    )
    top.add_argument("--version", action="version", version=f"symflow {symflow.__version__}")
    verbs = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    formula = _formula_arguments()
    for name, words, add in (
        ("derive", "differentiate a formula", _derive_arguments),
        ("simplify", "bring a formula to simpler form", _simplify_arguments),
        ("graph", "show the data flow of a formula", _graph_arguments),
        ("export", "write a formula as text, LaTeX, code or JSON", _export_arguments),
    ):
        verb = verbs.add_parser(
            name,
            parents=[formula],
            help=words,
            description=f"{words.capitalize()}.",
            epilog=_EXAMPLES,
            formatter_class=raw,
        )
        add(verb)
        verb.set_defaults(run=getattr(commands, name))
    show = verbs.add_parser("demo", help="derive, export and train a small network")
    show.add_argument("--out", type=Path, default=Path("demo"), help="folder of the files written")
    show.add_argument("--data", type=Path, help="the digits, where they are not found")
    show.add_argument("--epochs", type=_count, default=demo.EPOCHS, help="rounds of training")
    show.set_defaults(run=demo.run)
    return top


def _formula_arguments() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("formula", help='for example "sum((X*w - y)^2)"')
    shared.add_argument(
        "--var", action="append", default=[], metavar="DECLARATION", help='as "X: n d"'
    )
    shared.add_argument("--syntax", choices=("blackboard", "numpy"), default="blackboard")
    shared.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to a file")
    return shared


def _result_arguments(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--format", choices=(*EXPRESSION_FORMATS, *PROGRAM_FORMATS, "json"), default="text"
    )
    verb.add_argument("--steps", action="store_true", help="show every step with its rule")
    verb.add_argument(
        "--verify", action="store_true", help="compare with JAX in float64 on random data"
    )


def _derive_arguments(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--wrt", action="append", required=True, metavar="NAME", help="a variable; may be repeated"
    )
    verb.add_argument("--order", type=_order, default=1, help="2 for the Hessian")
    verb.add_argument(
        "--structured", action="store_true", help="count tied entries as one parameter"
    )
    _result_arguments(verb)


def _simplify_arguments(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--goal", choices=("readable", "cost", "stable"), default="readable")
    _result_arguments(verb)


def _graph_arguments(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--wrt", action="append", default=[], metavar="NAME", help="with gradients")
    verb.add_argument("--format", choices=("table", "tree", "svg"), default="table")
    verb.add_argument(
        "--size", action="append", default=[], type=_sized, metavar="NAME=NUMBER", help="as n=100"
    )


def _export_arguments(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--format", choices=(*EXPRESSION_FORMATS, *PROGRAM_FORMATS, "json"), default="latex"
    )


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return int(text)


def _order(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _HIGHEST_ORDER:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {_HIGHEST_ORDER}")
    return int(text)


def _sized(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    if not name.isidentifier() or not value.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form n=100")
    return name, int(value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: words; by default those of the process.

    Returns:
        The exit status: 0 done, 1 a verification failed, 2 the input was not understood.
    """
    chosen = parser().parse_args(arguments)
    try:
        verified: bool = chosen.run(chosen)
        sys.stdout.flush()
    except SymflowError as error:
        _complain(str(error))
        return USAGE
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return OK
        _complain(f"{error.strerror}: {error.filename}")
        return USAGE
    except KeyboardInterrupt:
        return 130
    return OK if verified else UNVERIFIED


def _complain(message: str) -> None:
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    console.print("symflow: error:", style="bold red", end=" ")
    console.print(message)
