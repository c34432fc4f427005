"""Published trainings run again: published | ours over seeds.

    python -m benchmarks.published [--seeds 5] [--only nao|planar]

A published figure is one draw of a random start: "inside" if it lies in the range of our seeds, "near" if it lies
within half of that range of it (a few draws do not reach the ends of a distribution), else "outside". The planar models
train at a constant rate, at which the loss jumps from epoch to epoch, and their published loss is that of one epoch; so
their range is over the last tenth of the epochs of all seeds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import torch

import kinverse as kv
from kinverse.demo import figures_of_merit
from kinverse.fit.recipes import NAO_BETTER, NAO_PUBLISHED, PLANAR, Recipe


def train_once(recipe: Recipe, seed: int) -> dict[str, list[float]]:
    """Figures of one training, several values for one that varies within it.

    NAO rows are drawn anew for every seed, the planar grid is always the same.
    """
    torch.set_num_threads(1)
    if recipe.title.startswith("NAO"):
        data = kv.make_arkoma("nao-right", seed=seed, test_rows="trajectory")
    else:
        data = kv.grid_dataset("planar3")
    with tempfile.TemporaryDirectory() as folder:
        run = kv.fit(data, replace(recipe.config, seed=seed), out=Path(folder) / "run")
        figures = {name: [value] for name, value in figures_of_merit(run).items()}
    if run.card.space == "tip":
        last = run.history[-max(recipe.config.epochs // 10, 1) :]
        figures["final train loss"] = [row.train_loss for row in last]
        figures["final validation loss"] = [row.validation_loss for row in last]
    return figures


def rows(recipes: list[Recipe], seeds: int) -> Iterator[tuple[str, str, float | None, list[float]]]:
    """Recipe, figure, published value, our values."""
    with ProcessPoolExecutor(max_workers=2) as pool:
        jobs = {recipe.title: [pool.submit(train_once, recipe, seed) for seed in range(seeds)] for recipe in recipes}
        for recipe in recipes:
            results = [job.result() for job in jobs[recipe.title]]
            for name in results[0]:
                yield (
                    recipe.title,
                    name,
                    recipe.published.get(name),
                    [value for result in results for value in result[name]],
                )


def verdict(published: float | None, ours: list[float]) -> str:
    """Where the published figure lies against our seeds."""
    if published is None:
        return ""
    low, high = min(ours), max(ours)
    if low <= published <= high:
        return "inside"
    margin = 0.5 * (high - low)
    return "near" if low - margin <= published <= high + margin else "outside"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", choices=("nao", "planar"))
    arguments = parser.parse_args()
    recipes = [] if arguments.only == "planar" else [NAO_PUBLISHED, NAO_BETTER]
    recipes += [] if arguments.only == "nao" else list(PLANAR.values())
    print(f"| training | figure | published | median of {arguments.seeds} seeds | min – max | published is |")
    print("|---|---|---|---|---|---|")
    for title, name, published, ours in rows(recipes, arguments.seeds):
        said = "–" if published is None else f"{published:g}"
        spread = f"{min(ours):.4g} – {max(ours):.4g}"
        print(
            f"| {title} | {name} | {said} | {statistics.median(ours):.4g} | {spread} | {verdict(published, ours)} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
