"""Where the catalogue is: the package ``rewrites`` beside this one, whatever is first on the path.

``rewrites`` is a common word; a script or folder of that name in the working directory would
otherwise be imported in its place.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

_HOME = Path(__file__).resolve().parent.parent / "rewrites"


class _Finder(MetaPathFinder):
    """Finds the one name ``rewrites``, and only beside symflow."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "rewrites" or not (_HOME / "__init__.py").exists():
            return None
        return spec_from_file_location(
            fullname, _HOME / "__init__.py", submodule_search_locations=[str(_HOME)]
        )


def install() -> None:
    """Put the finder first, once; a foreign module already imported as ``rewrites`` is named.

    Raises:
        ImportError: when another module of that name is loaded already.
    """
    loaded = sys.modules.get("rewrites")
    if loaded is not None and str(_HOME) not in map(str, getattr(loaded, "__path__", [])):
        raise ImportError(
            f"another module named 'rewrites' is loaded ({getattr(loaded, '__file__', '?')}); "
            "symflow needs its own package of that name: rename the other one"
        )
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
