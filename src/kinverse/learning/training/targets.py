"""What target columns must hold for each loss that is not a distance."""

from __future__ import annotations

import numpy as np

from kinverse.errors import ConfigError, DataError
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import CLASS_NUMBERS

MOST_CLASSES = 10_000
"""More are a column of something else, and would build a network of gigabytes."""


def check_targets(dataset: Dataset, loss: str) -> None:
    """Refuse targets that a loss cannot mean.

    Raises:
        DataError: bce with values outside [0, 1], kl with rows that are no probabilities, hinge_embedding with values
            other than ±1, or a class column that does not number classes; the split and the row are named.
    """
    if loss in CLASS_NUMBERS:
        count_classes(dataset)
        return
    for split, table in dataset.splits.items():
        y = table.targets
        wrong = {
            "bce": (y < 0.0) | (y > 1.0),
            "hinge_embedding": np.abs(y) != 1.0,
            "kl": (y < 0.0) | (np.abs(y.sum(axis=1, keepdims=True) - 1.0) > 1e-6),
        }.get(loss)
        if wrong is not None and wrong.any():
            row, column = np.argwhere(wrong)[0]
            wanted = {
                "bce": "probabilities in [0, 1]",
                "hinge_embedding": "+1 or −1",
                "kl": "rows of probabilities that sum to 1",
            }[loss]
            name = dataset.manifest.target_names[column]
            raise DataError(
                f"{split}: row {row + 1}, column {name!r} is {y[row, column]:g}; loss {loss!r} needs {wanted}"
            )


def count_classes(dataset: Dataset) -> int:
    """How many classes a data set numbers.

    Raises:
        DataError: not one target column, or a value that is no class number.
        ConfigError: more classes than a network should have outputs.
    """
    if dataset.train.targets.shape[1] != 1:
        raise DataError(f"classes need one target column of numbers 0, 1, 2 …, got {dataset.train.targets.shape[1]}")
    name = dataset.manifest.target_names[0]
    for split, table in dataset.splits.items():
        wrong = (table.targets < 0) | (table.targets != np.round(table.targets))
        if wrong.any():
            row = int(np.argwhere(wrong)[0, 0])
            raise DataError(
                f"{split}: row {row + 1}, column {name!r} is {table.targets[row, 0]:g}; expected a class number 0, 1, …"
            )
    count = int(max(table.targets.max() for table in dataset.splits.values())) + 1
    if count > MOST_CLASSES:
        raise ConfigError(f"column {name!r} numbers {count} classes; a network here has at most {MOST_CLASSES}")
    return max(count, 2)
