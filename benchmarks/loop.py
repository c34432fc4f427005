"""What the training loop costs over a bare PyTorch loop that does the same arithmetic.

    python -m benchmarks.loop

Both train the same network from the same weights on the same rows, one thread, and take turns; the ratio of each pair
counts. The bare loop is what a student would write: forward, loss, backward, step, and the validation loss. Ours adds
the history, the best weights, the checks for NaN and the stop on Ctrl-C; files are not written in either.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import torch

import kinverse as kv
from kinverse.fit.config import FitConfig
from kinverse.fit.loop import TrainingState, train
from kinverse.fit.optimisers import build
from kinverse.fit.problem import Problem, build_problem
from kinverse.fit.recipes import NAO_BETTER, NAO_PUBLISHED, PLANAR

PAIRS = 15


def bare_loop(problem: Problem, config: FitConfig) -> None:
    """The same arithmetic with nothing around it."""
    model, objective = problem.model, problem.objective
    batches = -(-len(problem.x_train) // (config.batch_size or len(problem.x_train)))
    optimiser, schedule = build(model.parameters(), config, batches)
    for epoch in range(config.epochs + 1):  # one more than there are steps: the last weights are measured too
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
            if schedule is not None and config.schedule == "one_cycle":
                schedule.step()
        if schedule is not None and config.schedule != "one_cycle":
            schedule.step()


def our_loop(problem: Problem, config: FitConfig) -> None:
    """The loop of kinverse, without the run folder."""
    train(problem, config, TrainingState.fresh(problem, config))


def seconds(loop: Callable[[Problem, FitConfig], None], problem: Problem, config: FitConfig) -> float:
    """Time of one training from fresh weights."""
    problem = replace(problem, model=problem.model)
    weights = deepcopy(problem.model.state_dict())
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    loop(problem, config)
    elapsed = time.perf_counter() - started
    gc.enable()
    problem.model.load_state_dict(weights)
    return elapsed


def main() -> None:
    torch.set_num_threads(1)
    nao, planar = kv.load_arm("nao-right"), kv.load_arm("planar3")
    arkoma, grid = kv.make_arkoma(nao), kv.grid_dataset(planar)
    cases = {
        "NAO 6-16-5, full batch of 6000": (arkoma, nao, replace(NAO_PUBLISHED.config, epochs=200)),
        "NAO 12-128-128-128-5, batches of 128": (arkoma, nao, replace(NAO_BETTER.config, epochs=3)),
        "planar 24-24 through the kinematics, full batch of 8000": (grid, planar, replace(PLANAR[2].config, epochs=40)),
        "planar 48-48-48 through the kinematics, full batch of 8000": (
            grid,
            planar,
            replace(PLANAR[3].config, epochs=25),
        ),
    }
    print("training loop of kinverse / bare PyTorch loop, same arithmetic, one thread")
    for name, (data, arm, config) in cases.items():
        problem = build_problem(data, arm, config)
        for loop in (bare_loop, our_loop):
            seconds(loop, problem, replace(config, epochs=2))
        pairs = [(seconds(our_loop, problem, config), seconds(bare_loop, problem, config)) for _ in range(PAIRS)]
        ratios = [ours / bare for ours, bare in pairs]
        epoch_ms = 1e3 * statistics.median(ours for ours, _ in pairs) / config.epochs
        print(
            f"{name:60s} median {statistics.median(ratios):.3f}  min {min(ratios):.3f}  max {max(ratios):.3f}"
            f"  ({epoch_ms:.2f} ms an epoch)"
        )


if __name__ == "__main__":
    main()
