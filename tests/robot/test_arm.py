"""The frozen description of an arm: checks, fingerprint, sampling, shapes."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import kinverse as kv
from kinverse.errors import ArmError, ConfigError, DataError, ShapeError, UnknownNameError
from kinverse.files import to_json, to_plain
from kinverse.robot.arm_file import read_arm
from tests.support.annotations import unchecked
from tests.support.random_arms import chains, random_chain


@pytest.fixture(scope="module")
def panda() -> kv.Arm:
    return kv.load_arm("panda")


def changed(arm: kv.Arm, name: str, index: object, value: float) -> kv.Arm:
    array = getattr(arm, name).copy()
    array[index] = value
    return dataclasses.replace(arm, **{name: array})


def test_frozen_with_read_only_arrays(panda: kv.Arm) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        panda.name = "other"  # type: ignore[misc]
    for name in ("T_offsets", "lower", "upper"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(panda, name)[0] = 0.0


def test_the_arm_keeps_its_own_copy_of_the_arrays(panda: kv.Arm) -> None:
    lower = panda.lower.copy()
    arm = dataclasses.replace(panda, lower=lower)
    lower[0] = -99.0
    assert arm.lower[0] == panda.lower[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"joint_names": (), "frames": ("a", "b")}, "arm 'panda' has no moving joint between 'a' and 'b'"),
        (
            {"joint_names": ("a", "b")},
            r"2 joint names, but T_offsets \(8, 4, 4\).*expected \(3, 4, 4\), \(2,\), \(2,\)",
        ),
        ({"joint_names": tuple("abcdefa")}, "joint names are not unique: a, b, c, d, e, f, a"),
        ({"lower": np.zeros(6)}, r"lower \(6,\)"),
        ({"upper": np.zeros((7, 1))}, r"upper \(7, 1\)"),
        ({"joint_kinds": ("revolute",) * 6}, "expected 7 of"),
        ({"joint_kinds": ("revolute",) * 6 + ("ball",)}, "'ball'.*expected 7 of"),
        ({"T_offsets": np.full((8, 4, 4), np.nan)}, "T_offsets holds NaN or inf"),
        ({"T_offsets": np.zeros((8, 4, 4))}, r"T_offsets\[0\] is not a rigid transform"),
        ({"lower": np.full(7, 9.0)}, r"joint 'panda_joint1' has limits \[9.0, 2.8973\]; expected lower ≤ upper"),
        ({"upper": np.full(7, np.nan)}, "joint 'panda_joint1' has limits"),
        ({"lower": np.full(7, np.inf), "upper": np.full(7, np.inf)}, "joint 'panda_joint1' has limits"),
    ],
)
def test_what_is_no_arm(panda: kv.Arm, change: dict[str, object], message: str) -> None:
    with pytest.raises(ArmError, match=message) as caught:
        dataclasses.replace(panda, **change)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "T", [np.diag([1.0, 1.0, -1.0, 1.0]), np.diag([1.0, 1.0, 1.01, 1.0]), np.diag([1.0, 1.0, 1.0, 2.0])]
)
def test_mirrors_and_scalings_are_no_offsets(panda: kv.Arm, T: np.ndarray) -> None:
    T_offsets = panda.T_offsets.copy()
    T_offsets[3] = T
    with pytest.raises(ArmError, match=r"T_offsets\[3\] is not a rigid transform"):
        dataclasses.replace(panda, T_offsets=T_offsets)


def test_the_fingerprint_is_of_the_kinematics_alone(panda: kv.Arm) -> None:
    names = tuple("abcdefg")
    same = dataclasses.replace(panda, name="x", joint_names=names, frames=("p", "q"))
    assert same.fingerprint == panda.fingerprint
    assert len(panda.fingerprint) == 16
    others = [
        changed(panda, "T_offsets", (2, 0, 3), 1e-6),
        changed(panda, "lower", 0, -2.0),
        changed(panda, "upper", 6, 2.0),
        dataclasses.replace(panda, joint_kinds=("prismatic", *panda.joint_kinds[1:])),
        *map(kv.load_arm, ("ur5", "iiwa14", "nao-left", "nao-right", "planar3")),
    ]
    assert len({arm.fingerprint for arm in [panda, *others]}) == len(others) + 1


def test_the_fingerprint_ignores_the_sign_of_zero_and_rounding(panda: kv.Arm) -> None:
    assert panda.T_offsets[1, 0, 3] == 0.0
    assert changed(panda, "T_offsets", (1, 0, 3), -0.0).fingerprint == panda.fingerprint
    assert changed(panda, "T_offsets", (1, 0, 3), -1e-13).fingerprint == panda.fingerprint


@given(chains)
def test_there_and_back_through_json(arm: kv.Arm) -> None:
    text = to_json(arm)
    back = read_arm(json.loads(text), "a file", ArmError)
    assert back.fingerprint == arm.fingerprint
    assert to_json(back) == text
    for name in ("T_offsets", "lower", "upper"):
        np.testing.assert_array_equal(getattr(back, name), getattr(arm, name))
    assert (back.name, back.joint_names, back.joint_kinds) == (arm.name, arm.joint_names, arm.joint_kinds)
    assert back.frames == arm.frames


@pytest.mark.parametrize("data", [[], {}, None, 3, "arm"])
def test_what_is_no_description(data: object) -> None:
    with pytest.raises(DataError, match="a file: "):
        read_arm(data, "a file", DataError)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("T_offsets", [[1, 2], [3]]),
        ("T_offsets", "text"),
        ("lower", [None, "x"]),
        ("lower", 3),
        ("joint_kinds", [[1], [2]]),
        ("joint_names", 5),
        ("frames", ["one"]),
        ("frames", None),
        ("upper", [10**400] * 7),
        ("T_offsets", [[[10**400] * 4] * 4] * 8),
        ("lower", [1.0]),
    ],
)
def test_a_description_with_a_wrong_value(panda: kv.Arm, key: str, value: object) -> None:
    with pytest.raises(ArmError, match="a file: "):
        read_arm(to_plain(panda) | {key: value}, "a file", ArmError)


def test_an_arm_of_version_0_1(panda: kv.Arm) -> None:
    """It had a task, which its fingerprint covered."""
    pose, position = "b0a42a9a4a005df4", "ff94c707965a09ca"
    stored = to_plain(panda) | {"task": "pose"}
    assert read_arm(stored, "a file", ArmError, pose).fingerprint == panda.fingerprint
    assert read_arm({**stored, "task": "xyz"}, "a file", ArmError, position).fingerprint == panda.fingerprint
    with pytest.raises(ArmError, match=f"a file: the arm's fingerprint is [0-9a-f]*, .* says {pose}"):
        read_arm({**stored, "upper": (panda.upper - 0.1).tolist()}, "a file", ArmError, pose)


@given(chains, st.integers(0, 2**32 - 1))
def test_samples(arm: kv.Arm, seed: int) -> None:
    q = arm.sample(200, seed)
    assert q.shape == (200, arm.dof)
    assert arm.within_limits(q, tolerance=0.0).all()
    np.testing.assert_array_equal(q, arm.sample(200, np.random.default_rng(seed)))
    assert (q != arm.sample(200, seed + 1)).any()
    lower, upper = arm.sampling_limits
    assert np.isfinite(lower).all()
    assert np.isfinite(upper).all()
    # Continuous joints fill ±π and the others their limits: 200 draws all in one half have probability 2^-200.
    middle = (lower + upper) / 2
    assert (q < middle).any(axis=0).all()
    assert (q > middle).any(axis=0).all()


@pytest.mark.parametrize("n", [0, -1, 2.5, float("nan"), "3"])
def test_number_of_samples(panda: kv.Arm, n: object) -> None:
    with pytest.raises(ConfigError, match="number of samples must be"):
        panda.sample(n)  # type: ignore[arg-type]


def test_within_limits(panda: kv.Arm) -> None:
    q = np.stack([panda.lower, panda.upper, panda.upper + 5e-10, panda.upper + 1e-6, panda.lower - 1e-6])
    assert panda.within_limits(q).tolist() == [True, True, True, False, False]
    assert panda.within_limits(q[3], tolerance=1e-5)
    q[0, 2] = np.nan
    assert not panda.within_limits(q[0])
    assert panda.within_limits(np.zeros((2, 0, 7))).shape == (2, 0)
    assert kv.planar_arm((1.0,)).within_limits([1e9])
    with pytest.raises(ShapeError, match="has 7 joints"):
        panda.within_limits(np.zeros((3, 1)))


@pytest.mark.parametrize("batch", [(), (3,), (2, 3), (0,), (2, 0)])
def test_batch_axes(batch: tuple[int, ...]) -> None:
    arm = random_chain(5, 4)
    q = np.random.default_rng(0).normal(size=(*batch, 4))
    T = arm.forward_kinematics(q)
    assert T.shape == (*batch, 4, 4)
    assert arm.jacobian(q).shape == (*batch, 6, 4)
    assert arm.link_poses(q).shape == (*batch, 5, 4, 4)
    if len(batch) == 2 and q.size:
        np.testing.assert_array_equal(T[1, 2], arm.forward_kinematics(q[1, 2]))


@given(chains, st.integers(0, 2**32 - 1))
def test_tools_and_bases_are_products_of_transforms(arm: kv.Arm, seed: int) -> None:
    T_tool, T_base = random_chain(seed, 1).T_offsets
    q = arm.sample(3, seed)
    changed = arm.with_tool(T_tool, "gripper").with_base(T_base)
    assert changed.frames == ("world", "gripper")
    expected = T_base @ arm.forward_kinematics(q) @ T_tool
    np.testing.assert_allclose(changed.forward_kinematics(q), expected, atol=1e-13)
    with pytest.raises(ArmError, match=r"T_offsets\[0\] is not a rigid transform"):
        arm.with_base(2.0 * np.eye(4))
    with pytest.raises(ArmError, match=r"T_tool must be .* \(4, 4\), got \(3,\)"):
        arm.with_tool(np.zeros(3))


@given(chains, st.integers(0, 2**32 - 1))
def test_locked_joints_stay_where_they_are(arm: kv.Arm, seed: int) -> None:
    rng = np.random.default_rng(seed)
    q = np.clip(arm.sample(4, rng), arm.lower, arm.upper)
    q[:] = np.where(still := rng.random(arm.dof) < 0.5, q[0], q)
    if still.all():
        with pytest.raises(ArmError, match="no moving joint"):
            arm.lock(dict(zip(arm.joint_names, q[0], strict=True)))
        return
    locked = arm.lock({name: q[0, i] for i, name in enumerate(arm.joint_names) if still[i]})
    assert locked.joint_names == tuple(name for name, held in zip(arm.joint_names, still, strict=True) if not held)
    np.testing.assert_allclose(locked.forward_kinematics(q[:, ~still]), arm.forward_kinematics(q), atol=1e-12)


def test_what_cannot_be_locked(panda: kv.Arm) -> None:
    with pytest.raises(UnknownNameError, match="unknown joint 'elbow'"):
        panda.lock({"elbow": 0.0})
    with pytest.raises(ConfigError, match=r"joint 'panda_joint4' at 1 is outside its limits \[-3.0718, -0.0698\]"):
        panda.lock({"panda_joint4": 1.0})


def test_planar_arms() -> None:
    assert kv.planar_arm((1.0, 0.5)).is_planar
    assert not kv.load_arm("nao-left").is_planar
    turned = random_chain(3, 1).T_offsets[0]
    assert kv.planar_arm((1.0,)).with_tool(turned).is_planar
    upright = kv.poses(np.zeros(3), rpy=[np.pi / 2, 0.0, 0.0])
    assert not kv.planar_arm((1.0,)).with_base(upright).is_planar


def test_any_numbers_and_memory_order_will_do(panda: kv.Arm) -> None:
    q = panda.sample(20, seed=1)
    expected = panda.forward_kinematics(q)
    np.testing.assert_array_equal(panda.forward_kinematics(np.asfortranarray(q)), expected)
    np.testing.assert_array_equal(panda.forward_kinematics(np.repeat(q, 2, axis=1)[:, ::2]), expected)
    np.testing.assert_array_equal(panda.forward_kinematics(q.tolist()), expected)
    with unchecked():
        np.testing.assert_array_equal(panda.forward_kinematics(torch.tensor(q)), expected)  # type: ignore[arg-type]
    np.testing.assert_array_equal(panda.forward_kinematics([0] * 7), panda.forward_kinematics(np.zeros(7)))
    q.flags.writeable = False
    np.testing.assert_array_equal(panda.forward_kinematics(q), expected)


@pytest.mark.parametrize("method", ["forward_kinematics", "jacobian", "link_poses"])
@pytest.mark.parametrize(
    ("q", "message"),
    [
        (np.zeros(6), r"arm 'panda' has 7 joints, got joint positions of shape \(6,\)"),
        (np.zeros((7, 2)), r"got joint positions of shape \(7, 2\)"),
        (0.0, r"got joint positions of shape \(\)"),
        ([], r"got joint positions of shape \(0,\)"),
        ("zero", r"must be real numbers of shape \(..., 7\), got str"),
        (["0"] * 7, r"must be real numbers of shape \(..., 7\), got list"),
        (None, "got NoneType"),
        ([[0.0] * 7, [0.0] * 6], "got list"),
        (np.zeros(7, dtype=complex), "got ndarray of complex128"),
        (torch.zeros(7, requires_grad=True), "got Tensor"),
    ],
)
def test_malformed_joint_positions(panda: kv.Arm, method: str, q: object, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        getattr(panda, method)(q)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_name_row_and_joint(panda: kv.Arm, value: float) -> None:
    q = np.zeros((5, 7))
    q[3, 2] = value
    with pytest.raises(ShapeError, match=f"joint positions: row 3, joint 'panda_joint3' is {value}"):
        panda.forward_kinematics(q)


def test_notebooks_show_the_joints_with_their_limits() -> None:
    table = kv.load_arm("panda").joints_table
    assert table.rows[0] == ("panda_joint1", "revolute", "−2.8973", "2.8973", "rad", "−166.00", "166.00")
    assert table.title in kv.load_arm("panda")._repr_html_()
