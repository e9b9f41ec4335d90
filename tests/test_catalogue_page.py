"""The page of the catalogue is current."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_page_is_as_generated() -> None:
    page = runpy.run_path(str(DOCS / "generate.py"))["catalogue"]()
    assert (DOCS / "catalogue.md").read_text("utf-8") == page, "run `make docs`"
