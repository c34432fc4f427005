"""The shapes in the signatures are true: the whole way runs with every annotation checked.

In a process of its own, because the checks also catch the wrong shapes that other tests hand over on purpose.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
from jaxtyping import install_import_hook

# Before the hook: what is wrapped cannot be compiled.
import kinverse.network.kernels, kinverse.robot.kernels, kinverse.ik.kernels.follow, kinverse.ik.kernels.solve
import kinverse.ik.kernels.packing

PACKAGES = ["kinverse.geometry", "kinverse.robot", "kinverse.network", "kinverse.ik", "kinverse.learning"]
with install_import_hook(PACKAGES, "beartype.beartype"):
    import torch
    import kinverse as kv
    from kinverse.learning import workflow
    from kinverse.learning.data.generate import generate
    from kinverse.network.compiled import CompiledNetwork
    from kinverse.robot import torch_kinematics as differentiable
    from kinverse.ik.reach import farthest_reach
    from kinverse.learning.evaluation.seed_benchmark import measure_ablation
    from kinverse.ik.seed_networks import shipped_network

torch.set_num_threads(1)
for name in kv.arm_names():
    arm = kv.load_arm(name)
    for batch in ((), (3,), (2, 3)):
        q = arm.sample(6)[: max(3 * len(batch), 1)].reshape(*batch, arm.dof)
        arm.forward_kinematics(q), arm.jacobian(q), arm.link_poses(q), arm.within_limits(q)
        t = torch.tensor(q)
        differentiable.forward_kinematics(arm, t), differentiable.tool_position(arm, t), differentiable.jacobian(arm, t)
    for goal in (kv.Goal.pose(), kv.Goal.axis("z"), kv.Goal.position(), kv.Goal.planar()):
        solver = kv.Solver(arm, goal)
        targets = goal.targets(arm.forward_kinematics(arm.sample(6)))
        for some in (targets, targets[0], targets.reshape(2, 3, *goal.target_shape), targets[:0]):
            solver.solve(some), solver.solve(some, start=q.reshape(-1, arm.dof)[0])
            solver.solve(some, nearest_to=q.reshape(-1, arm.dof)[0])
        len(solver.all_solutions(targets[0], 3)), solver.track(targets).motion
measure_ablation(kv.load_arm("panda"), shipped_network(kv.load_arm("panda")), targets=8, rounds=1)
farthest_reach(kv.load_arm("nao-left"))
runs = {"nao-right": {"inputs": "pose"}, "planar3": {"max_angle": 1.5}, "panda": {"bounds": "limits"}}
for name, settings in runs.items():
    data = generate(kv.load_arm(name), rows=100)
    run = kv.fit(kv.write_dataset(data, name), kv.FitConfig(hidden=(4,), epochs=2, **settings), out=name + "-run")
    kv.evaluate(run)
    network = CompiledNetwork.load(run.folder / "model.safetensors")
    network.predict(network.spec.network_inputs(data.train.features))
try:
    kv.Goal.position().targets("not an array")
except Exception as error:
    assert "beartype" in type(error).__module__ or "jaxtyping" in type(error).__module__, type(error)
else:
    raise SystemExit("the annotations were not checked")
print("checked")
"""


def test_the_whole_way_with_annotations_checked(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip().endswith("checked")
