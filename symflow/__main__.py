"""``python -m symflow``: the command line."""

import sys

from symflow.frontend.cli import main

if __name__ == "__main__":
    sys.exit(main())
