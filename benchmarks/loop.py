"""The training loop compared with a bare PyTorch loop that does the same arithmetic.

    python -m benchmarks.loop

Both train the same network on the same rows, on one thread. The bare loop contains only forward pass, loss, backward
pass, step and validation loss. Ours adds the history, the best weights, the checks for NaN and the stop on Ctrl-C.
Neither writes files. The clock counts only this process.
"""

from __future__ import annotations

import time

import torch

import kinverse as kv
from kinverse.apps.benchmark.timing import compare
from kinverse.apps.studies.nao.runs import NAO_BETTER, NAO_PUBLISHED
from kinverse.apps.studies.planar.runs import PLANAR
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.loop import TrainingState, run_epochs
from kinverse.learning.training.optimisers import STEPS_EACH_BATCH, build
from kinverse.learning.training.problem import Problem, build_problem

PAIRS = 31


def bare_loop(problem: Problem, config: FitConfig) -> None:
    """The same arithmetic without anything else."""
    model, objective = problem.model, problem.objective
    batches = -(-len(problem.x_train) // (config.batch_size or len(problem.x_train)))
    optimiser, schedule = build(model.parameters(), config, batches)
    each_batch = config.optimiser.schedule in STEPS_EACH_BATCH
    for epoch in range(config.epochs + 1):  # one more than steps, to measure the last weights too
        if config.batch_size is None:
            loss = objective(model.scaled(problem.x_train), problem.y_train)
            loss.item()
        else:
            with torch.no_grad():
                objective(model.scaled(problem.x_train), problem.y_train).item()
        with torch.no_grad():
            objective(model.scaled(problem.x_validation), problem.y_validation).item()
        if epoch == config.epochs:
            break
        rows = [None] if config.batch_size is None else torch.randperm(len(problem.x_train)).split(config.batch_size)
        for part in rows:
            if part is not None:
                loss = objective(model.scaled(problem.x_train[part]), problem.y_train[part])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if schedule is not None and each_batch:
                schedule.step()
        if schedule is not None and not each_batch:
            schedule.step()


def main() -> None:
    torch.set_num_threads(1)
    nao, planar = kv.load_arm("nao-right"), kv.load_arm("planar3")
    arkoma, grid = kv.make_arkoma(nao), kv.grid_dataset(planar)
    cases = {
        "NAO 6-16-5, full batch of 6000": (arkoma, nao, NAO_PUBLISHED.config.replace(epochs=100)),
        "NAO 12-128-128-128-5, batches of 128": (arkoma, nao, NAO_BETTER.config.replace(epochs=2)),
        "planar 24-24, tool loss, full batch of 8000": (grid, planar, PLANAR[2].config.replace(epochs=30)),
        "planar 48-48-48, tool loss, full batch of 8000": (grid, planar, PLANAR[3].config.replace(epochs=20)),
    }
    print("| training | ms per epoch | kinverse / bare loop (median) | min–max |\n|---|---|---|---|")
    for name, (data, arm, config) in cases.items():
        problem = build_problem(data, arm, config)
        compared = compare(
            lambda p=problem, c=config: bare_loop(p, c),
            lambda p=problem, c=config: run_epochs(p, c, TrainingState.fresh(p, c)),
            PAIRS,
            clock=time.process_time,
        )
        milliseconds = 1e3 * compared.theirs / config.epochs
        ratio = compared.ratio
        print(
            f"| {name} | {milliseconds:.2f} | {ratio.median:.3f} | {ratio.lowest:.3f}–{ratio.highest:.3f} |", flush=True
        )


if __name__ == "__main__":
    main()
