"""Forward kinematics, Jacobians and gradients of the Panda compared with pytorch_kinematics and Pinocchio.

    python -m benchmarks.kinematics

All libraries use one thread, the same URDF and the same joint positions. Before timing, the script checks that they
compute the same poses, Jacobians and gradients. Libraries that are not installed are skipped; to install them:
pip install 'kinverse[bench]'.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np
import torch

import kinverse as kv
from kinverse.apps.benchmark.timing import HEADER, compare
from kinverse.robot import torch_kinematics as differentiable
from kinverse.robot.catalog import ASSETS

URDF = ASSETS / "panda.urdf"
TOOL = "panda_link8"
BATCH = 10_000
Function = Callable[[], object]
# Peer → our function → the peer's functions to compare with. Both do the same work on the same rows.
ROWS: dict[str, dict[str, tuple[str, ...]]] = {
    "pytorch_kinematics": {
        "arm.forward_kinematics": ("forward_kinematics",),
        "differentiable.forward_kinematics": ("forward_kinematics",),
        "arm.jacobian": ("jacobian",),
        "differentiable.jacobian": ("jacobian",),
        "differentiable.forward_kinematics, forward + backward": ("forward + backward",),
    },
    "pinocchio": {"arm.forward_kinematics": ("framesForwardKinematics",), "arm.jacobian": ("computeFrameJacobian",)},
}


def gradient_of(pose: Callable[[torch.Tensor], torch.Tensor], q: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The vector-Jacobian product of the poses with a fixed weight: one forward and one backward pass."""
    leaf = q.detach().requires_grad_()
    return torch.autograd.grad(pose(leaf), leaf, weight)[0]


def our_functions(arm: kv.Arm, q: np.ndarray, weight: torch.Tensor) -> dict[str, Function]:
    single = torch.tensor(q, dtype=torch.float32)
    return {
        "arm.forward_kinematics": lambda: arm.forward_kinematics(q),
        "arm.jacobian": lambda: arm.jacobian(q),
        "differentiable.forward_kinematics": lambda: differentiable.forward_kinematics(arm, single),
        "differentiable.jacobian": lambda: differentiable.jacobian(arm, single),
        "differentiable.forward_kinematics, forward + backward": lambda: gradient_of(
            lambda x: differentiable.forward_kinematics(arm, x), single, weight
        ),
    }


def pytorch_kinematics_functions(q: np.ndarray, weight: torch.Tensor) -> dict[str, Function]:
    import pytorch_kinematics as pk

    chain = pk.build_serial_chain_from_urdf(URDF.read_bytes(), TOOL).to(dtype=torch.float32)
    single = torch.tensor(q, dtype=torch.float32)

    def pose(x: torch.Tensor) -> torch.Tensor:
        return chain.forward_kinematics(x).get_matrix()

    return {
        "forward_kinematics": lambda: pose(single),
        "jacobian": lambda: chain.jacobian(single),
        "forward + backward": lambda: gradient_of(pose, single, weight),
    }


def pinocchio_functions(q: np.ndarray) -> dict[str, Function]:
    """Python loops over the rows, since Pinocchio's Python package takes one configuration at a time."""
    import pinocchio as pin

    model = pin.buildModelFromUrdf(str(URDF))
    data = model.createData()
    tool = model.getFrameId(TOOL)

    def poses() -> np.ndarray:
        result = np.empty((len(q), 4, 4))
        for row, out in zip(q, result, strict=True):
            pin.framesForwardKinematics(model, data, row)
            out[:] = data.oMf[tool].homogeneous
        return result

    def jacobians() -> np.ndarray:
        result = np.empty((len(q), 6, model.nv))
        for row, out in zip(q, result, strict=True):
            out[:] = pin.computeFrameJacobian(model, data, row, tool, pin.LOCAL_WORLD_ALIGNED)
        return result

    return {"framesForwardKinematics": poses, "computeFrameJacobian": jacobians}


def check_equal(ours: dict[str, Function], peers: dict[str, dict[str, Function]]) -> None:
    """Exit unless every peer computes the same as our function (to 1e-5, for float32)."""
    for peer, functions in peers.items():
        for name, others in ROWS[peer].items():
            for other in others:
                mine, theirs = np.asarray(ours[name]()), np.asarray(functions[other]())
                difference = float(np.abs(mine - theirs).max())
                if mine.shape != theirs.shape or not difference < 1e-5:
                    raise SystemExit(f"{name} and {peer} {other} differ by {difference}: no times were measured")


def main() -> None:
    """Check the results, then time them and print one table per batch size."""
    torch.set_num_threads(1)
    arm = kv.load_arm("panda")
    installed = [name for name in ROWS if importlib.util.find_spec(name)]
    for name in ROWS:
        if name not in installed:
            print(f"{name} is not installed and is skipped: pip install 'kinverse[bench]'\n")
    for batch in (BATCH, 1):
        q = arm.sample(batch, seed=0)
        weight = torch.randn(batch, 4, 4, generator=torch.Generator().manual_seed(0))
        ours = our_functions(arm, q, weight)
        peers = {}
        if "pytorch_kinematics" in installed:
            peers["pytorch_kinematics"] = pytorch_kinematics_functions(q, weight)
        if "pinocchio" in installed:
            peers["pinocchio"] = pinocchio_functions(q)
        check_equal(ours, peers)
        print(f"Panda, batch {batch:,}\n\n{HEADER}")
        for peer, functions in peers.items():
            for name, others in ROWS[peer].items():
                for other in others:
                    print(compare(ours[name], functions[other]).row(name, f"{peer} {other}"), flush=True)
        print()


if __name__ == "__main__":
    main()
