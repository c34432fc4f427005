"""Names of version 0.1, until callers have migrated."""

from kinverse.learning.trained import Run
from kinverse.learning.training.run_folder import CARD, CHECKPOINT, CONFIG, HISTORY, MODEL, REPORT

__all__ = ["CARD", "CHECKPOINT", "CONFIG", "HISTORY", "MODEL", "REPORT", "Run"]
