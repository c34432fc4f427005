"""Random calls of the public API with values of the wrong type, shape or size.

    python -m tests.fuzz.api [--calls 5000] [--seed 0]

A call returns a result or raises `KinverseError` with one printable line; anything else is a fault.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import decimal
import fractions
import itertools
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import kinverse as kv

LONGEST_MESSAGE = 1000
WRONG_SHARE = 0.35
"""Share of the arguments that get a value of any kind in place of a right one."""


@dataclasses.dataclass(frozen=True)
class Fault:
    """A call that raised something other than `KinverseError`, or whose message is no printable line."""

    call: str
    problem: str


def run(calls: int, seed: int, folder: Path) -> tuple[collections.Counter[str], list[Fault]]:
    """Make random calls in `folder`, which must be empty; return the number of each outcome, and the faults."""
    generator = np.random.default_rng(seed)
    api, wrong = _api(folder), _wrong_values()
    counts: collections.Counter[str] = collections.Counter()
    faults = []
    for _ in range(calls):
        name = str(generator.choice(list(api)))
        function, parameters = api[name]
        given = {
            key: _any(wrong, generator) if generator.random() < WRONG_SHARE else right[generator.integers(len(right))]
            for key, right in parameters.items()
            if generator.random() < 0.8 or key.startswith("_")
        }
        outcome, problem = _outcome(function, given)
        counts[outcome] += 1
        if problem:
            faults.append(
                Fault(f"{name}({', '.join(f'{key}={_short(value)}' for key, value in given.items())})", problem)
            )
    return counts, faults


def _outcome(function: Callable[..., Any], given: dict[str, Any]) -> tuple[str, str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(*(value for key, value in given.items() if key.startswith("_")),
                     **{key: value for key, value in given.items() if not key.startswith("_")})  # fmt: skip
    except kv.KinverseError as error:
        line = str(error)
        fits = line.isprintable() and 0 < len(line) <= LONGEST_MESSAGE
        return "refused", "" if fits else f"its message is no printable line: {line!r}"
    except Exception:
        return "fault", traceback.format_exc()
    return "answered", ""


def _short(value: object) -> str:
    return repr(value)[:80]


def _any(wrong: list[Callable[[], Any]], generator: np.random.Generator) -> Any:
    return wrong[generator.integers(len(wrong))]()


class Hostile:
    """An object that raises whatever is asked of it."""

    def __array__(self, dtype: object = None, copy: object = None) -> Any:
        raise RuntimeError("no array")

    def __iter__(self) -> Any:
        raise OSError("no items")

    def __len__(self) -> int:
        raise KeyError("no length")

    def __float__(self) -> float:
        raise ZeroDivisionError("no number")


def _wrong_values() -> list[Callable[[], Any]]:
    """Makers of values, as each call needs its own."""
    plain: list[Any] = [
        None, True, False, -1, 0, 1, 2, 7, 10**30, -(10**400), 1.5, -0.0, np.nan, np.inf, -np.inf, 1e308, 5e-324, 1j,
        "", "a", "panda", "x", "z", "1.0", "a\0b", "\ud800", "$\\frac{$", "\x1b[31m", "n" * 5000, "../..", "/", ".",
        b"x", b"", (), [], {}, set(), [[]], [[], [1.0]], [None], ["a", 1], {"a": 1}, {1: 2}, {"panda_joint1": "x"},
        [1, [2, [3]]], [[1.0, 2.0], [3.0]], ..., slice(None), range(3), range(7), object(), Hostile(), Path("nowhere"),
        Path("a\0b"), int, kv.Arm, kv.Goal.pose(), kv.load_arm("ur5"), kv.SolverConfig(), kv.FitConfig(), len,
        decimal.Decimal("0.5"), decimal.Decimal("NaN"), fractions.Fraction(1, 3), np.float32(0.5), np.float64(np.nan),
        np.int64(3), np.uint8(200), np.bool_(True), np.datetime64("2020-01-01"), np.str_("panda"), np.bytes_(b"x"),
    ]  # fmt: skip
    arrays: list[Callable[[], Any]] = [
        lambda: np.zeros(0), lambda: np.zeros((0, 7)), lambda: np.zeros((0, 4, 4)), lambda: np.zeros((2, 0)),
        lambda: np.zeros(7), lambda: np.zeros((3, 7), np.float32), lambda: np.full(7, np.nan),
        lambda: np.full(7, 1e300), itertools.count,
        lambda: np.eye(4), lambda: np.eye(3), lambda: np.zeros((4, 4)), lambda: np.full((2, 4, 4), np.inf),
        lambda: np.eye(4, dtype=np.float16), lambda: np.eye(4, dtype=complex), lambda: np.eye(4, dtype=bool),
        lambda: np.array(["a"] * 7), lambda: np.array([object()] * 7), lambda: np.array([None] * 7),
        lambda: np.zeros(7, "datetime64[s]"), lambda: np.zeros(7, [("a", float)]), lambda: np.array(1.0),
        lambda: np.ma.masked_array(np.zeros(7), mask=[True] + [False] * 6), lambda: np.ma.masked_all((4, 4)),
        lambda: np.zeros((1,) * 30 + (7,)), lambda: np.zeros((2, 3, 7))[:, ::-1], lambda: np.zeros(7, ">f8"),
        lambda: np.zeros(7, np.longdouble), lambda: (i for i in range(7)), lambda: iter("xyz"),
        lambda: memoryview(b"abc"),
        lambda: np.broadcast_to(np.eye(4), (2, 2, 4, 4)), lambda: -np.eye(4), lambda: 1e200 * np.eye(4),
    ]  # fmt: skip
    return [*(lambda value=value: value for value in plain), *arrays]


def _api(folder: Path) -> dict[str, tuple[Callable[..., Any], dict[str, list[Any]]]]:
    """Each public call with right values for its parameters; those that begin with "_" are given by position."""
    panda, planar = kv.load_arm("panda"), kv.load_arm("planar3")
    solver, flat = kv.Solver("panda", threads=1, attempts=5), kv.Solver("planar3", threads=1, attempts=5)
    q = panda.sample(3)
    T = panda.forward_kinematics(q)
    xy = planar.forward_kinematics(planar.sample(4))[:, :2, 3]
    tables = {name: kv.Table(np.zeros((4, 2)), np.zeros((4, 1))) for name in ("train", "validation", "test")}
    data = kv.grid_dataset("planar3", points_per_axis=6)
    model = kv.fit("planar3", hidden=(4,), epochs=1, rows=36)
    run = str(folder / "run")
    model.save(run)
    kv.write_dataset(data, folder / "data")
    goal_options = {
        "free": [("z",), (), ["x", "y"]], "position_tolerance": [1e-6, 0.1], "rotation_tolerance": [1e-6],
        "rotation_weight": [0.1, None],
    }  # fmt: skip
    settings = {
        "epochs": [1, 2], "hidden": [(3,), ()], "rows": [30], "learning_rate": [0.01], "batch_size": [None, 8],
        "activation": ["tanh"], "optimiser": ["sgd"], "loss": ["mse"], "dropout": [0.1], "seed": [3], "momentum": [0.5],
        "initialisers": [("default",)], "patience": [None, 1], "bounds": ["none"], "max_angle": [None, 2.0],
        "heads": [1], "schedule": ["cosine"], "device": ["cpu"], "inputs": ["columns"], "batch_norm": [False],
    }  # fmt: skip
    arms, names = [panda, planar], ["panda", "planar3"]
    return {
        "load_arm": (kv.load_arm, {"_name": [*names, "planar:1,2"], "base": [None], "tool": [None]}),
        "planar_arm": (kv.planar_arm, {"_lengths": [[1.0, 2.0]], "max_angle": [None, 1.0]}),
        "poses": (kv.poses, {"_position": [[0.1, 0.2, 0.3], T[:, :3, 3]], "quaternion": [[0, 0, 0, 1]],
                             "order": ["xyzw"], "matrix": [np.eye(3)], "rotation_vector": [[0, 0, 1]],
                             "rpy": [[0, 0, 1]]}),
        "poses of a quaternion": (kv.poses, {"_position": [[0.1, 0.2, 0.3]], "quaternion": [[0, 0, 0, 1]],
                                             "order": ["xyzw", "wxyz"]}),
        "Goal.pose": (kv.Goal.pose, goal_options),
        "Goal.position": (kv.Goal.position, goal_options),
        "Goal.planar": (kv.Goal.planar, goal_options),
        "Goal.axis": (kv.Goal.axis, {"_tool_axis": ["x", "z"], **goal_options}),
        "SolverConfig": (kv.SolverConfig, {"attempts": [3], "threads": [1, None]}),
        "Solver": (kv.Solver, {"_arm": [*names, *arms], "goal": [None, kv.Goal.position()],
                               "network": ["catalog", None], "config": [None, kv.SolverConfig()],
                               "attempts": [3], "threads": [1]}),
        "Solver.load": (kv.Solver.load, {"_run": [run, model], "arm": [None, "planar3"], "goal": [None]}),
        "solve": (solver.solve, {"_targets": [T, T[0]], "start": [None, q, q[0]], "nearest_to": [None, q[0]],
                                 "predictions": [None, solver.predict(T)]}),
        "solve in the plane": (flat.solve, {"_targets": [xy, xy[0].tolist()], "start": [None, [0, 0, 0]]}),
        "predict": (solver.predict, {"_targets": [T, T[0]]}),
        "all_solutions": (solver.all_solutions, {"_targets": [T[0], T], "limit": [3]}),
        "track": (solver.track, {"_path": [T], "start": [None, q[0]]}),
        "Arm": (kv.Arm, {"_name": ["a"], "_joint_names": [("j",)], "_joint_kinds": [("revolute",)],
                         "_T_offsets": [np.array([np.eye(4)] * 2)], "_lower": [[-1.0]], "_upper": [[1.0]],
                         "_frames": [("b", "t")]}),
        "forward_kinematics": (panda.forward_kinematics, {"_q": [q, q[0]]}),
        "link_poses": (panda.link_poses, {"_q": [q, q[0]]}),
        "jacobian": (panda.jacobian, {"_q": [q, q[0]]}),
        "sample": (panda.sample, {"_n": [2], "seed": [1]}),
        "within_limits": (panda.within_limits, {"_q": [q], "tolerance": [0.1]}),
        "with_tool": (panda.with_tool, {"_T": [np.eye(4)], "name": ["hand"]}),
        "with_base": (panda.with_base, {"_T": [np.eye(4)], "name": ["table"]}),
        "lock": (panda.lock, {"_values": [{"panda_joint1": 0.1}]}),
        "Table": (kv.Table, {"_features": [np.zeros((3, 2))], "_targets": [np.zeros((3, 1))]}),
        "Dataset.from_tables": (kv.Dataset.from_tables, {"_tables": [tables], "_manifest": [data.manifest]}),
        "grid_dataset": (kv.grid_dataset, {"_arm": [*names, *arms], "points_per_axis": [5], "low": [0.0], "high": [1.0],
                                           "validation_fraction": [0.2], "seed": [1], "encoding": [None, "xy"]}),
        "joint_dataset": (kv.joint_dataset, {"_arm": [*names, *arms], "rows": [20], "seed": [1], "encoding": [None],
                                             "fractions": [(0.6, 0.2, 0.2)]}),
        "make_arkoma": (kv.make_arkoma, {"_arm": ["nao-left"], "rows": [20], "seed": [1], "test_rows": ["uniform"]}),
        "read_arkoma": (kv.read_arkoma, {"_folder": [folder], "arm": ["nao-left"]}),
        "read_dataset": (kv.read_dataset, {"_folder": [folder / "data"], "arm": [None, "planar3"]}),
        "check_dataset": (kv.check_dataset, {"_folder": [folder / "data"], "arm": [None, "planar3"]}),
        "write_dataset": (kv.write_dataset, {"_dataset": [data], "_folder": [folder / "new"], "overwrite": [True]}),
        "read_csv_pair": (kv.read_csv_pair, {"_features": [folder / "data" / "train_x.csv"],
                                             "_targets": [folder / "data" / "train_x.csv"], "seed": [1],
                                             "fractions": [(0.6, 0.2, 0.2)], "arm": [None], "encoding": [None]}),
        "FitConfig.of": (kv.FitConfig.of, settings),
        "FitConfig": (kv.FitConfig, {"data": [kv.DataConfig()], "model": [kv.ModelConfig()],
                                     "optimiser": [kv.OptimiserConfig()], "epochs": [3]}),
        "fit": (kv.fit, {"_what": ["planar3", data], "config": [None, kv.FitConfig.of(hidden=(3,), rows=30)],
                         "arm": [None], "out": [None], "progress": [False], "on_epoch": [None],
                         **{name: settings[name] for name in ("epochs", "hidden", "rows", "loss", "batch_size")}}),
        "resume": (kv.resume, {"_folder": [run], "dataset": [None]}),
        "load_model": (kv.load_model, {"_folder": [run], "arm": [None, planar]}),
        "evaluate": (kv.evaluate, {"_model": [model, run], "dataset": [None, data]}),
        "diagnose": (kv.diagnose, {"_model": [model, run], "dataset": [None, data]}),
        "Model.predict": (model.predict, {"_targets": [xy, xy[0]]}),
        "Model.evaluate": (model.evaluate, {"dataset": [None, data]}),
        "Model.report": (model.report, {"_path": [folder / "page.html"], "dataset": [None, data]}),
        "Model.save": (model.save, {"_folder": [folder / "saved"]}),
        "benchmark_seeds": (model.benchmark_seeds, {"targets": [10], "rounds": [1]}),
        "view": (kv.view, {"_what": [[]], "host": ["example.org"], "port": [0], "expose": [False], "base": [None]}),
        "sliders": (kv.sliders, {"_arm": ["panda"]}),
        "explore": (kv.explore, {"_model": ["panda", model]}),
    }  # fmt: skip


def fuzz(argv: list[str] | None = None) -> int:
    """Make random calls, print the outcomes and every fault; 1 if there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        counts, faults = run(arguments.calls, arguments.seed, Path(folder))
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) + f"; {len(faults)} faults")
    for fault in faults:
        print(f"\n{fault.call}\n{fault.problem}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(fuzz())
