"""The command line: a file for each group of verbs; what they do lies in the rooms they call, imported then."""

from kinverse.apps.cli.main import main

__all__ = ["main"]
