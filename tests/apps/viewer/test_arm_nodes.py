"""The drawing of an arm in a scene: nodes stand at the forward kinematics, and unmoved joints send nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import kinverse as kv
from kinverse.apps.viewer.arm_nodes import ArmNodes
from kinverse.robot.arm import Arm
from kinverse.robot.visuals import read_visuals
from tests.support.urdf_chains import CHAINS


class FakeScene:
    """Keeps what is added to it, and composes the poses of nodes as a browser does."""

    def __init__(self) -> None:
        self.nodes: dict[str, Any] = {}

    def __getattr__(self, kind: str) -> Any:
        def add(name: str, *args: Any, **properties: Any) -> Any:
            node = type("Node", (), {"wxyz": (1, 0, 0, 0), "position": (0, 0, 0), "visible": True})()
            for key, value in properties.items():
                setattr(node, key, value)
            self.nodes[name] = node
            return node

        return add

    def pose(self, name: str) -> np.ndarray:
        T = np.eye(4)
        parts = name.strip("/").split("/")
        for i in range(len(parts)):
            node = self.nodes["/" + "/".join(parts[: i + 1])]
            w, x, y, z = np.asarray(node.wxyz, dtype=float)
            R = np.array(
                [
                    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
                ]
            )
            step = np.eye(4)
            step[:3, :3], step[:3, 3] = R, node.position
            T = T @ step
        return T


@pytest.mark.parametrize("name", ["planar3", "nao-left", "panda", "ur5", "iiwa14"])
def test_nodes_stand_at_the_forward_kinematics(name: str) -> None:
    arm, scene = kv.load_arm(name), FakeScene()
    nodes = ArmNodes(scene, "/arm", arm)
    tool = next(name for name in scene.nodes if name.endswith("/tool"))
    for q in arm.sample(5, seed=3):
        nodes.move(q)
        np.testing.assert_allclose(scene.pose(tool)[:3, 3], arm.forward_kinematics(q)[:3, 3], atol=1e-9)
    for joint in range(arm.dof):  # a joint frame stands where the joint is, turned by it
        path = "/arm/" + "/".join(map(str, range(joint + 1)))
        np.testing.assert_allclose(scene.pose(path)[:3, 3], arm.link_poses(q)[joint, :3, 3], atol=1e-9)


def test_frames_rotated_in_every_direction() -> None:
    T = np.tile(np.eye(4), (4, 1, 1))
    T[:, :3, :3] = Rotation.random(4, random_state=np.random.RandomState(0)).as_matrix()
    T[:, :3, 3] = np.random.default_rng(0).normal(size=(4, 3))
    limits = np.full(3, 3.0)
    arm, scene = Arm("any", ("a", "b", "c"), ("revolute",) * 3, T, -limits, limits), FakeScene()
    nodes = ArmNodes(scene, "/arm", arm)
    for q in arm.sample(4, seed=1):
        nodes.move(q)
        np.testing.assert_allclose(scene.pose("/arm/0/1/2/tool")[:3, 3], arm.forward_kinematics(q)[:3, 3], atol=1e-9)


def test_a_prismatic_joint_translates() -> None:
    T = np.tile(np.eye(4), (3, 1, 1))
    T[1, :3, 3] = 0.1, 0.2, 0.3
    arm = Arm("slider", ("a", "b"), ("prismatic", "revolute"), T, np.array([-1.0, -1.0]), np.array([1.0, 1.0]))
    scene = FakeScene()
    nodes = ArmNodes(scene, "/arm", arm)
    for q in arm.sample(4, seed=0):
        nodes.move(q)
        np.testing.assert_allclose(scene.pose("/arm/0/1")[:3, 3], arm.forward_kinematics(q)[:3, 3], atol=1e-12)


def test_joints_that_have_not_moved_send_nothing() -> None:
    arm, scene = kv.load_arm("panda"), FakeScene()
    nodes = ArmNodes(scene, "/arm", arm)
    q = arm.sample(1)[0]
    nodes.move(q)
    for node in scene.nodes.values():
        node.wxyz = None
    nodes.move(q + np.eye(7)[2] * 0.1)
    moved = [name for name, node in scene.nodes.items() if node.wxyz is not None]
    assert moved == ["/arm/0/1/2"]


@pytest.mark.parametrize("chain", CHAINS[:2])
def test_meshes_lie_on_the_links(chain: tuple[str, str, str], robots_folder: Path) -> None:
    path = robots_folder / chain[0]
    arm = kv.load_arm(str(path), base=chain[1], tool=chain[2])
    visuals = read_visuals(path, arm)
    assert len(visuals) >= arm.dof
    assert {visual.frame for visual in visuals} >= set(range(arm.dof))
    low, high = (f([f(v.vertices, axis=0) for v in visuals], axis=0) for f in (np.min, np.max))
    assert (np.abs([low, high]) < 2.0).all()  # metres, and not millimetres


def test_without_its_meshes_a_robot_is_drawn_as_lines(tmp_path: Path, robots_folder: Path) -> None:
    chain = CHAINS[0]
    copy = tmp_path / "panda.urdf"
    copy.write_bytes((robots_folder / chain[0]).read_bytes())
    assert read_visuals(copy, kv.load_arm(str(copy), base=chain[1], tool=chain[2])) == []
    assert read_visuals(tmp_path / "none.urdf", kv.load_arm("panda")) == []
