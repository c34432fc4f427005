"""The command line: one file for each group of verbs. The applications that they start are imported when they run."""

from kinverse.apps.cli.main import main, run

__all__ = ["main", "run"]
