"""The arms that come with kinverse: planar, NAO, and the URDF assets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kinverse as kv
from kinverse.errors import ArmError, ConfigError, UnknownNameError
from kinverse.geometry import transform
from kinverse.robot.catalog import CHAINS, chains_from_urdf, nao_arm

# ---------------------------------------------------------------------------------------------------------- planar


def position(arm: kv.Arm, q: list[float]) -> np.ndarray:
    return arm.forward_kinematics(q)[:3, 3]


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_planar_arms_follow_the_formula(lengths: list[float], seed: int) -> None:
    arm = kv.planar_arm(lengths)
    q = arm.sample(70, seed)
    angles = np.cumsum(q, axis=1)
    expected = np.stack([np.cos(angles) @ lengths, np.sin(angles) @ lengths], axis=1)
    np.testing.assert_allclose(arm.forward_kinematics(q)[:, :2, 3], expected, atol=1e-14 * sum(lengths), rtol=0)
    assert arm.is_planar
    assert arm.name == f"planar{len(lengths)}"
    assert arm.forward_kinematics(q)[:, 2, 3].tolist() == [0.0] * 70


def test_limits_of_planar_arms() -> None:
    arm = kv.planar_arm((1.0, 2.0), max_angle=1.5)
    assert (arm.lower.tolist(), arm.upper.tolist()) == ([-1.5, -1.5], [1.5, 1.5])
    assert arm.joint_kinds == ("revolute", "revolute")
    free = kv.planar_arm((1.0, 2.0))
    assert (free.lower.tolist(), free.upper.tolist()) == ([-np.inf] * 2, [np.inf] * 2)
    assert free.joint_kinds == ("continuous", "continuous")
    assert kv.load_arm("planar3").fingerprint == kv.planar_arm((1, 1, 1)).fingerprint


@pytest.mark.parametrize(
    ("lengths", "max_angle", "message"),
    [
        ((), None, "needs at least one link length, got none"),
        ((1.0, -2.0), None, r"link length must be > 0, got -2\.0"),
        ((0.0,), None, "link length must be > 0"),
        ((1.0, float("nan")), None, "link length must be > 0, got nan"),
        ((float("inf"),), None, "link length must be > 0, got inf"),
        ((1.0,), 0.0, r"max_angle must be > 0, got 0\.0"),
        ((1.0,), -1.0, "max_angle must be > 0"),
        ((1.0,), float("nan"), "max_angle must be > 0, got nan"),
    ],
)
def test_what_is_no_planar_arm(lengths: tuple[float, ...], max_angle: float | None, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        kv.planar_arm(lengths, max_angle)


# ------------------------------------------------------------------------------------------------------------- NAO


def test_nao_limits_are_the_makers_table() -> None:
    left, right = nao_arm("left"), nao_arm("right")
    assert left.joint_names == ("LShoulderPitch", "LShoulderRoll", "LElbowYaw", "LElbowRoll", "LWristYaw")
    assert right.joint_names == ("RShoulderPitch", "RShoulderRoll", "RElbowYaw", "RElbowRoll", "RWristYaw")
    assert left.lower.tolist() == [-2.0857, -0.3142, -2.0857, -1.5446, -1.8238]
    assert left.upper.tolist() == [2.0857, 1.3265, 2.0857, -0.0349, 1.8238]
    assert right.lower.tolist() == [-2.0857, -1.3265, -2.0857, 0.0349, -1.8238]
    assert right.upper.tolist() == [2.0857, 0.3142, 2.0857, 1.5446, 1.8238]
    assert (left.frames, right.frames) == (("torso", "LHand"), ("torso", "RHand"))


def test_nao_constants_at_the_zero_pose() -> None:
    # Arm straight ahead: 105 + 55.95 + 57.75 mm; 98 + 15 mm to the side; 100 − 12.31 mm up.
    for side, sign in (("left", 1.0), ("right", -1.0)):
        T = nao_arm(side).forward_kinematics(np.zeros(5))  # type: ignore[arg-type]
        np.testing.assert_allclose(T, transform(None, (0.2187, sign * 0.113, 0.08769)), atol=1e-15)


def test_nao_moves_as_the_joint_axes_say() -> None:
    arm = nao_arm("left")
    # Pitch by 90° about y turns the straight arm down, with the hand's drop of 12.31 mm then pointing backwards.
    np.testing.assert_allclose(
        arm.forward_kinematics([np.pi / 2, 0, 0, 0, 0])[:3, 3], [-0.01231, 0.113, 0.1 - 0.2187], atol=1e-15
    )
    # Roll by 90° about z turns it to the left.
    np.testing.assert_allclose(
        arm.forward_kinematics([0, np.pi / 2, 0, 0, 0])[:3, 3], [-0.015, 0.098 + 0.2187, 0.08769], atol=1e-15
    )
    # Half a turn of the wrist about the lower arm lifts the hand's drop.
    np.testing.assert_allclose(position(arm, [0, 0, 0, 0, np.pi]), [0.2187, 0.113, 0.11231], atol=1e-15)


def test_nao_arms_are_mirror_images() -> None:
    left, right = nao_arm("left"), nao_arm("right")
    q = left.sample(200, seed=0)
    mirrored = q * [1.0, -1.0, -1.0, -1.0, -1.0]
    assert right.within_limits(mirrored).all()
    M = np.diag([1.0, -1.0, 1.0, 1.0])
    np.testing.assert_allclose(right.forward_kinematics(mirrored), M @ left.forward_kinematics(q) @ M, atol=1e-15)


# --------------------------------------------------------------------------------------------------------- catalog


def test_the_catalog() -> None:
    assert {"planar3", "nao-left", "nao-right", "panda", "ur5", "iiwa14"} <= set(kv.arm_names())
    for name in kv.arm_names():
        arm = kv.load_arm(name)
        assert arm.name == name
        assert arm.forward_kinematics(arm.sample(3)).shape == (3, 4, 4)


def test_unknown_arm() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown arm 'pand': did you mean 'panda'\? available: planar3,.*urdf"):
        kv.load_arm("pand")


@pytest.mark.parametrize("name", ["", ".", "a\0b", "x" * 5000])
def test_odd_names_are_unknown_arms(name: str) -> None:
    with pytest.raises(UnknownNameError, match="unknown arm"):
        kv.load_arm(name)


@pytest.mark.parametrize("name", ["panda", "nao-left"])
def test_catalog_arms_have_their_own_base_and_tool(name: str) -> None:
    for choice in ({"base": "a"}, {"tool": "b"}):
        with pytest.raises(ArmError, match=f"'{name}' is a catalog arm and has its own"):
            kv.load_arm(name, **choice)


def test_planar_arms_by_their_lengths() -> None:
    arm = kv.load_arm("planar:1,0.8,.5")
    assert arm.name == "planar:1,0.8,.5" and arm.is_planar
    assert arm.fingerprint == kv.planar_arm([1.0, 0.8, 0.5]).fingerprint
    with pytest.raises(ArmError, match="'planar:1,1' is a planar arm and has its own"):
        kv.load_arm("planar:1,1", tool="b")
    with pytest.raises(UnknownNameError, match=r"available: .*planar:L1,L2,…, or a path"):
        kv.load_arm("plan")


@pytest.mark.parametrize("lengths", ["", ",", "1,", "1,x", "1;2", "-1", "0", "nan", "inf", "1e999", "x" * 5000])
def test_lengths_that_are_none(lengths: str) -> None:
    with pytest.raises(ConfigError, match=r"expected link lengths > 0 \[m\] with commas") as caught:
        kv.load_arm(f"planar:{lengths}")
    assert len(str(caught.value)) < 200 and "\n" not in str(caught.value)


def test_a_catalog_name_is_never_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("panda", "mine", "mine.urdf"):
        (tmp_path / name).mkdir()
    (tmp_path / "planar3").write_text("not an arm")
    assert kv.load_arm("panda").dof == 7 and kv.load_arm("planar3").dof == 3
    with pytest.raises(UnknownNameError, match="unknown arm 'mine'"):
        kv.load_arm("mine")
    with pytest.raises(ArmError, match=r"mine\.urdf"):
        kv.load_arm("mine.urdf")


def test_the_stored_chains_are_those_of_the_urdf_files() -> None:
    assert json.loads(CHAINS.read_text()) == chains_from_urdf()


def test_iiwa14_stands_straight_up() -> None:
    arm = kv.load_arm("iiwa14")
    assert arm.dof == 7
    np.testing.assert_allclose(arm.forward_kinematics(np.zeros(7)), transform(None, (0.0, 0.0, 1.306)), atol=1e-14)
    # The shoulder at 0.36 m, and 0.946 m from there to the flange: bent over, the arm lies level.
    np.testing.assert_allclose(
        arm.forward_kinematics([0, np.pi / 2, 0, 0, 0, 0, 0])[:3, 3], [0.946, 0.0, 0.36], atol=1e-14
    )
    np.testing.assert_allclose(np.rad2deg(arm.upper), [170, 120, 170, 120, 170, 120, 175], atol=0.01)
    np.testing.assert_array_equal(arm.lower, -arm.upper)


def test_panda_at_zero_points_down() -> None:
    arm = kv.load_arm("panda")
    T = arm.forward_kinematics(np.zeros(7))
    np.testing.assert_allclose(T[:3, 3], [0.088, 0.0, 0.333 + 0.316 + 0.384 - 0.107], atol=1e-14)
    np.testing.assert_allclose(T[:3, :3], np.diag([1.0, -1.0, -1.0]), atol=1e-14)
    # The maker's ready pose: a well-known position, the flange 103.4 mm above the fingertip's.
    T = arm.forward_kinematics([0, -np.pi / 4, 0, -3 * np.pi / 4, 0, np.pi / 2, np.pi / 4])
    np.testing.assert_allclose(T[:3, 3], [0.3069, 0.0, 0.4868 + 0.1034], atol=1e-3)


def dh(a: float, d: float, alpha: float, theta: float) -> np.ndarray:
    """One link of Denavit and Hartenberg's classic convention: Rz(theta) Tz(d) Tx(a) Rx(alpha)."""
    c, s, ca, sa = np.cos(theta), np.sin(theta), np.cos(alpha), np.sin(alpha)
    return np.array([[c, -s * ca, s * sa, a * c], [s, c * ca, -c * sa, a * s], [0, sa, ca, d], [0, 0, 0, 1]])


def test_ur5_follows_the_makers_dh_table() -> None:
    arm = kv.load_arm("ur5")
    a = [0.0, -0.425, -0.39225, 0.0, 0.0, 0.0]
    d = [0.089159, 0.0, 0.0, 0.10915, 0.09465, 0.0823]
    alpha = [np.pi / 2, 0.0, 0.0, np.pi / 2, -np.pi / 2, 0.0]
    for q in [np.zeros(6), *arm.sample(20, seed=4)]:
        T = np.eye(4)
        for i in range(6):
            T = T @ dh(a[i], d[i], alpha[i], q[i])
        np.testing.assert_allclose(arm.forward_kinematics(q), T, atol=1e-12)
    np.testing.assert_allclose(arm.forward_kinematics(np.zeros(6))[:3, 3], [-0.81725, -0.19145, -0.005491], atol=1e-12)


def test_ur5_is_that_of_example_robot_data_up_to_base_and_tool(robots_folder: Path) -> None:
    ours = kv.load_arm("ur5")
    theirs = kv.load_arm(robots_folder / "ur_description/urdf/ur5_robot.urdf", base="base_link", tool="tool0")
    q = ours.sample(50, seed=0)
    # T_theirs = B · T_ours · E for all q. With B = Rz(φ), E from one q: choose the φ of the maker's base, then check.
    B = np.diag([-1.0, -1.0, 1.0, 1.0])
    E = np.linalg.inv(B @ ours.forward_kinematics(q[0])) @ theirs.forward_kinematics(q[0])
    np.testing.assert_allclose(E[:3, 3], 0.0, atol=1e-3)
    np.testing.assert_allclose(theirs.forward_kinematics(q), B @ ours.forward_kinematics(q) @ E, atol=1e-4)


# ---------------------------------------------------------------------------------------------------- cost of import


def modules_after(code: str) -> set[str]:
    code += "; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_kinverse_imports_nothing_heavy() -> None:
    modules = modules_after("import kinverse")
    assert "kinverse" in modules
    assert not {"numpy", "numba", "torch", "yourdfpy", "lxml", "matplotlib", "rich", "tyro"} & modules


def test_loading_a_catalog_arm_needs_no_torch_and_no_xml() -> None:
    modules = modules_after("import kinverse; kinverse.load_arm('panda').forward_kinematics([0.0] * 7)")
    assert "kinverse.robot.kernels" in modules
    assert not {"torch", "yourdfpy", "lxml", "trimesh", "matplotlib", "pandas"} & modules  # numba itself imports scipy
