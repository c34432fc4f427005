"""What a user writes, with every public name: checked by mypy --strict and pyright, not run."""

from pathlib import Path
from typing import assert_type

import numpy as np

import kinverse as kv


def move(folder: Path) -> None:
    arm = kv.load_arm("panda")
    assert_type(arm, kv.Arm)
    assert_type(kv.load_arm(folder / "robot.urdf", base="base_link", tool="flange"), kv.Arm)
    assert_type(kv.arm_names(), list[str])
    planar = kv.planar_arm((1.0, 0.8, 0.5))
    assert_type(planar.is_planar, bool)
    q = arm.sample(5, seed=0)
    print(arm.forward_kinematics(q), arm.jacobian(q), arm.link_poses(q), arm.forward_kinematics([0.0] * arm.dof))
    shorter = arm.lock({"panda_joint3": 0.0}).with_tool(np.eye(4)).with_base(np.eye(4))
    assert_type(shorter.joint_names, tuple[str, ...])


def solve() -> None:
    arm = kv.load_arm("panda")
    targets = kv.poses([[0.4, 0.0, 0.5]], quaternion=[1.0, 0.0, 0.0, 0.0], order="xyzw")
    goal = kv.Goal.pose(position_tolerance=1e-6, rotation_tolerance=1e-6, free=("x",))
    assert_type(kv.Goal.default(arm), kv.Goal)
    for other in (kv.Goal.position(), kv.Goal.planar(), kv.Goal.axis("z", rotation_weight=0.5)):
        assert_type(other.target_shape, tuple[int, ...])
    solver = kv.Solver(arm, goal, network=None, config=kv.SolverConfig(attempts=50), threads=2)
    solutions = solver.solve(targets, start=np.zeros(7))
    assert_type(solutions, kv.Solutions)
    print(solutions.q, solutions.converged, solutions.position_error, solutions.rotation_error)
    print(solutions.iterations, solutions.attempts, len(solutions[:1]))
    branches = solver.all_solutions(targets[0], limit=8)
    assert_type(branches, kv.Branches)
    assert_type(branches.is_sample, bool)
    track = solver.track(targets)
    assert_type(track, kv.Track)
    assert_type(track.motion, float)


def data(folder: Path) -> None:
    dataset = kv.joint_dataset("nao-right", rows=1000, seed=1)
    assert_type(dataset, kv.Dataset)
    assert_type(dataset.train, kv.Table)
    assert_type(kv.grid_dataset("planar3", points_per_axis=20), kv.Dataset)
    assert_type(kv.make_arkoma("nao-right", rows=1000), kv.Dataset)
    assert_type(kv.read_arkoma(folder / "ARKOMA", "nao-right"), kv.Dataset)
    assert_type(kv.read_csv_pair("x.csv", "y.csv", seed=1), kv.Dataset)
    assert_type(kv.read_dataset(kv.write_dataset(dataset, folder, overwrite=True)), kv.Dataset)
    print(kv.check_dataset(folder))


def learn(folder: Path) -> None:
    model = kv.fit("planar3", hidden=(24, 24), epochs=300, learning_rate=1e-2, optimiser="adam", seed=1)
    assert_type(model, kv.Model)
    config = kv.FitConfig.of(hidden=(64,), activation="silu", batch_size=128).replace(epochs=10)
    parts = (config.data, config.model, config.optimiser)
    assert_type(parts, tuple[kv.DataConfig, kv.ModelConfig, kv.OptimiserConfig])
    assert_type(kv.FitConfig(model=kv.ModelConfig(hidden=(8, 8)), epochs=5), kv.FitConfig)
    kept = kv.fit(kv.load_arm("nao-left"), config, out=folder, progress=True)
    assert_type(kept.folder, Path | None)
    assert_type(model.history, kv.History)
    print(model.history.epoch, model.history.train_loss, model.history.validation_loss, model.history.learning_rate)
    print(model.predict(np.array([[1.0, 1.0]])), model.config.epochs, model.arm, model.goal, model.dataset)
    assert_type(model.evaluate(), kv.Report)
    assert_type(kv.evaluate(model), kv.Report)
    assert_type(model.diagnose(), kv.Diagnosis)
    assert_type(kv.diagnose(folder), kv.Diagnosis)
    assert_type(model.solver(), kv.Solver)
    model.report(folder / "report.html")
    model.save(folder / "run")
    assert_type(kv.load_model(folder), kv.Model)
    try:
        assert_type(kv.resume(folder, progress=True), kv.Model)
    except kv.KinverseError as error:
        print(error, kv.__version__)


def show() -> None:
    kv.view(["planar3", kv.load_arm("panda")], port=8081).close()
    kv.sliders("panda")
    kv.explore("planar3")
    print([lesson.number for lesson in kv.course.lessons()])
