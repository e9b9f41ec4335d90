"""The hooks by which ``str``, SymPy's printers and notebooks show a tensor."""

from typing import Any
from xml.dom.minidom import parseString

from sympy.printing.pretty.pretty_symbology import pretty_use_unicode
from sympy.printing.pretty.stringpict import prettyForm

from symflow.core import Tensor
from symflow.core.dims import show_shape
from symflow.errors import SymflowError
from symflow.export.latex import to_latex
from symflow.export.mathml import to_mathml
from symflow.export.pretty import to_pretty
from symflow.export.text import to_text


def _str(self: Tensor) -> str:
    return to_text(self)


def _repr(self: Tensor) -> str:
    """As ``str``; in a debugger or a message it never raises."""
    try:
        return to_text(self)
    except SymflowError:
        return f"<{type(self).__name__} {show_shape(self.shape)}>"


def _sympystr(self: Tensor, printer: Any) -> str:
    return to_text(self)


def _sympyrepr(self: Tensor, printer: Any) -> str:
    return f"parse({to_text(self)!r}, names)"


def _latex(self: Tensor, printer: Any, exp: str | None = None) -> str:
    text = to_latex(self)
    return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def _pretty(self: Tensor, printer: Any) -> Any:
    return prettyForm(to_pretty(self) if pretty_use_unicode() else to_text(self))


def _mathml(self: Tensor, printer: Any) -> Any:
    """For SymPy's printer of presentation MathML, which builds a document."""
    return parseString(to_mathml(self)).documentElement


def _repr_latex_(self: Tensor) -> str:
    return rf"$\displaystyle {to_latex(self)}$"


HOOKS = {
    "__str__": _str,
    "__repr__": _repr,
    "_sympystr": _sympystr,
    "_sympyrepr": _sympyrepr,
    "_latex": _latex,
    "_pretty": _pretty,
    "_mathml_presentation": _mathml,
    "_repr_latex_": _repr_latex_,
}
