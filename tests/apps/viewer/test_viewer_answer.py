"""What the viewer says of a target, and where it draws an arm: without a browser."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import kinverse as kv
from kinverse.apps.viewer.answer import answer, other_solutions
from kinverse.apps.viewer.code import as_command, as_python
from kinverse.apps.viewer.readout import readout_of
from kinverse.apps.viewer.scene import ArmNodes
from kinverse.apps.viewer.server import check_address, open_viewer
from kinverse.apps.viewer.subject import open_subject
from kinverse.apps.viewer.surroundings import reached_cells
from kinverse.errors import ArmError, ConfigError, RunError
from kinverse.learning.training.config import FitConfig
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
def test_the_nodes_of_a_scene_are_the_forward_kinematics(name: str) -> None:
    arm, scene = kv.load_arm(name), FakeScene()
    nodes = ArmNodes(scene, "/arm", arm)
    tool = next(name for name in scene.nodes if name.endswith("/tool"))
    for q in arm.sample(5, seed=3):
        nodes.move(q)
        np.testing.assert_allclose(scene.pose(tool)[:3, 3], arm.pose(q)[:3, 3], atol=1e-9)
    for joint in range(arm.dof):  # a joint frame stands where the joint is, turned by it
        path = "/arm/" + "/".join(map(str, range(joint + 1)))
        np.testing.assert_allclose(scene.pose(path)[:3, 3], arm.joint_poses(q)[joint, :3, 3], atol=1e-9)


def test_frames_turned_in_every_direction_are_drawn_so() -> None:
    T = np.tile(np.eye(4), (4, 1, 1))
    T[:, :3, :3] = Rotation.random(4, random_state=np.random.RandomState(0)).as_matrix()
    T[:, :3, 3] = np.random.default_rng(0).normal(size=(4, 3))
    limits = np.full(3, 3.0)
    arm, scene = Arm("any", ("a", "b", "c"), ("revolute",) * 3, T, -limits, limits), FakeScene()
    nodes = ArmNodes(scene, "/arm", arm)
    for q in arm.sample(4, seed=1):
        nodes.move(q)
        np.testing.assert_allclose(scene.pose("/arm/0/1/2/tool")[:3, 3], arm.pose(q)[:3, 3], atol=1e-9)


def test_a_sliding_joint_slides() -> None:
    T = np.tile(np.eye(4), (3, 1, 1))
    T[1, :3, 3] = 0.1, 0.2, 0.3
    arm = Arm("slider", ("a", "b"), ("prismatic", "revolute"), T, np.array([-1.0, -1.0]), np.array([1.0, 1.0]))
    scene = FakeScene()
    nodes = ArmNodes(scene, "/arm", arm)
    for q in arm.sample(4, seed=0):
        nodes.move(q)
        np.testing.assert_allclose(scene.pose("/arm/0/1")[:3, 3], arm.pose(q)[:3, 3], atol=1e-12)


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


def test_an_answer_to_a_target_in_reach() -> None:
    subject = open_subject("panda")
    q = subject.arm.sample(1, seed=5)[0]
    found = answer(subject, subject.arm.pose(q), subject.home)
    assert found.reached and found.state == "reached"
    assert found.position_mm < 1e-3 and found.rotation_deg is not None and found.rotation_deg < 1e-3
    np.testing.assert_allclose(subject.arm.pose(found.q), subject.arm.pose(q), atol=2e-6)
    assert found.raw is not None and found.raw_position_mm is not None
    raw = subject.arm.pose(found.raw)  # what the network says, by plain forward kinematics
    assert found.raw_position_mm == pytest.approx(1e3 * np.linalg.norm(raw[:3, 3] - subject.arm.pose(q)[:3, 3]))
    assert "network" in readout_of("panda", found) and "✓ reached" in readout_of("panda", found)


def test_a_target_out_of_reach_is_marked_with_how_far() -> None:
    subject = open_subject("planar3")
    found = answer(subject, np.array([4.0, 0.0]), subject.home)
    assert not found.reached and found.state == "out of reach"
    assert found.position_mm == pytest.approx(1000.0)
    assert "✗ out of reach" in readout_of("a <b>", found) and "a &lt;b&gt;" in readout_of("a <b>", found)


def test_a_target_outside_the_training_square_is_marked() -> None:
    subject = open_subject("planar3")
    np.testing.assert_allclose(subject.training_box, [[0, 0, 0], [2, 2, 0]])  # type: ignore[arg-type]
    assert answer(subject, np.array([2.5, 0.5]), subject.home).state == "outside the training region"
    assert answer(subject, np.array([2.0, 2.0]), subject.home).state == "reached"


def test_joints_at_a_limit_are_named() -> None:
    subject = open_subject("panda")
    q = subject.home.copy()
    q[3] = subject.arm.upper[3]
    assert answer(subject, subject.arm.pose(q), q).at_limit == ("panda_joint4",)


def test_other_solutions_reach_the_target_too() -> None:
    subject = open_subject("ur5")
    target = subject.arm.pose(subject.home)
    found = other_solutions(subject, target)
    assert len(found) > 1
    np.testing.assert_allclose(subject.arm.pose(found), np.tile(target, (len(found), 1, 1)), atol=2e-6)


def test_a_run_brings_its_network_and_its_training_region(tmp_path: Path) -> None:
    run = kv.fit("planar3", FitConfig(hidden=(8,), epochs=2, rows=100), out=tmp_path / "run")
    subject = open_subject(str(run.folder))
    assert subject.network is not None and subject.title == "run"
    np.testing.assert_allclose(subject.training_box[:, :2], [[0, 0], [2, 2]])  # type: ignore[index]
    target = np.array([1.0, 0.5])
    raw = answer(subject, target, subject.home).raw
    np.testing.assert_allclose(raw, run.predict(target), atol=1e-5)  # type: ignore[arg-type]


def test_the_shaded_region_is_the_annulus_that_geometry_gives() -> None:
    subject = open_subject(kv.planar_arm([1.0, 0.4]))
    corners, size = reached_cells(subject)
    distance = np.linalg.norm(corners + 0.5 * size, axis=1)
    assert (distance > 0.6).all() and (distance < 1.4).all()
    assert len(corners) * size**2 == pytest.approx(np.pi * (1.4**2 - 0.6**2), rel=0.02)


def test_slider_ranges_are_the_published_ones_for_the_planar_arm() -> None:
    low, high = open_subject("planar3").slider_ranges
    np.testing.assert_allclose(high, 0.75 * np.pi)
    np.testing.assert_allclose(low, -0.75 * np.pi)
    panda = open_subject("panda")
    np.testing.assert_array_equal(panda.slider_ranges, [panda.arm.lower, panda.arm.upper])


@pytest.mark.parametrize("chain", CHAINS[:2])
def test_meshes_lie_on_the_links(chain: tuple[str, str, str], robots_folder: Path) -> None:
    path = robots_folder / chain[0]
    arm = kv.load_arm(str(path), base=chain[1], tip=chain[2])
    visuals = read_visuals(path, arm)
    assert len(visuals) >= arm.dof
    assert {visual.frame for visual in visuals} >= set(range(arm.dof))
    low, high = (f([f(v.vertices, axis=0) for v in visuals], axis=0) for f in (np.min, np.max))
    assert (np.abs([low, high]) < 2.0).all()  # metres, and not millimetres


def test_without_its_meshes_a_robot_is_drawn_as_lines(tmp_path: Path, robots_folder: Path) -> None:
    chain = CHAINS[0]
    copy = tmp_path / "panda.urdf"
    copy.write_bytes((robots_folder / chain[0]).read_bytes())
    assert read_visuals(copy, kv.load_arm(str(copy), base=chain[1], tip=chain[2])) == []
    assert read_visuals(tmp_path / "none.urdf", kv.load_arm("panda")) == []


def test_addresses_that_others_reach_need_a_word() -> None:
    with pytest.raises(ConfigError, match=r"host '0.0.0.0' lets other machines reach the viewer.*--expose"):
        check_address("0.0.0.0", 18080, expose=False)
    with pytest.raises(ConfigError, match="is no address of this machine"):
        check_address("203.0.113.7", 18080, expose=True)
    with pytest.raises(ConfigError, match="port must be from 1 to 65535, got 0"):
        check_address("127.0.0.1", 0, expose=False)
    check_address("0.0.0.0", 18080, expose=True)


def test_a_port_in_use_is_named_with_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port} is in use; \d+ is free: --port \d+"):
            open_viewer("planar3", port=port)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the server's loop is not waited for
def test_arms_of_the_same_kinematics_follow_the_same_target() -> None:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    viewer = open_viewer("planar3", kv.planar_arm([1.0, 1.0, 1.0]), "planar:1,0.5", port=port)
    try:
        first, second, other = viewer.desks
        before = other.answer.target
        first._chosen(np.array([0.6, 1.1]), "target slider")
        np.testing.assert_array_equal(second.answer.target, [0.6, 1.1])
        np.testing.assert_allclose(second.subject.arm.forward(second.q), [0.6, 1.1], atol=1e-6)
        np.testing.assert_array_equal(other.answer.target, before)
        assert len({desk.root for desk in viewer.desks}) == 3
    finally:
        viewer.close()


def test_what_cannot_be_looked_at_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="1 to 6 arms or runs side by side, got 0"):
        open_viewer()
    with pytest.raises(ArmError):
        open_viewer("pandaa.urdf")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunError, match="not a whole run"):
        open_viewer(tmp_path / "empty")


def test_a_training_as_code_is_that_training() -> None:
    base = FitConfig()
    config = FitConfig(hidden=(12, 7), learning_rate=0.0123456789, patience=5, keep_best=False, max_angle=1.5)
    scope: dict[str, Any] = {}
    fitted = {}

    class Library:
        FitConfig = FitConfig

        @staticmethod
        def fit(source: str, config: FitConfig) -> None:
            fitted[source] = config

    code = as_python("planar3", config).replace("import kinverse as kv", "")
    exec(code, {"kv": Library}, scope)
    assert fitted == {"planar3": config}
    command = as_command("planar3", config, base).replace("\\\n", "").split()
    assert command[:3] == ["kinverse", "fit", "planar3"]
    assert "--no-keep-best" in command
    assert command[command.index("--hidden") + 1 : command.index("--hidden") + 3] == ["12", "7"]
    assert float(command[command.index("--learning-rate") + 1]) == config.learning_rate
