"""`python -m kinverse.apps.cli` is `kinverse`."""

from kinverse.apps.cli.main import run

if __name__ == "__main__":
    run()
