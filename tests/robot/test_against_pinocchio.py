"""Both worlds of kinematics against Pinocchio, on real robots of example-robot-data and on our own assets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import kinverse as kv
from kinverse.robot import torch_kinematics as differentiable
from kinverse.robot.catalog import ASSETS
from tests.support.urdf_chains import CHAINS, pinocchio_chain


def check(path: Path, arm: kv.Arm) -> None:
    q = arm.sample(40, seed=3)
    poses, jacobians = pinocchio_chain(path, arm, q)
    assert np.abs(arm.forward_kinematics(q) - poses).max() < 1e-9
    assert np.abs(arm.jacobian(q) - jacobians).max() < 1e-9
    assert np.abs(arm.forward_kinematics(q) - arm.link_poses(q)[:, -1]).max() < 1e-12
    double = torch.tensor(q)
    assert np.abs(differentiable.forward_kinematics(arm, double).numpy() - arm.forward_kinematics(q)).max() < 1e-12
    assert np.abs(differentiable.jacobian(arm, double).numpy() - arm.jacobian(q)).max() < 1e-12
    single = torch.tensor(q, dtype=torch.float32)
    assert np.abs(differentiable.forward_kinematics(arm, single).numpy() - arm.forward_kinematics(q)).max() < 1e-5


@pytest.mark.parametrize(("file", "base", "tool"), CHAINS, ids=lambda value: Path(str(value)).stem)
def test_chain_of_example_robot_data(robots_folder: Path, file: str, base: str | None, tool: str | None) -> None:
    path = robots_folder / file
    check(path, kv.load_arm(path, base=base, tool=tool))


@pytest.mark.parametrize("name", ["panda", "ur5", "iiwa14"])
def test_catalog_asset(name: str) -> None:
    check(ASSETS / f"{name}.urdf", kv.load_arm(name))
