"""`python -m kinverse.cli` is `kinverse`."""

import sys

from kinverse.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
