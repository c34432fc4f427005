"""`python -m kinverse.apps.cli` is `kinverse`."""

import sys

from kinverse.apps.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
