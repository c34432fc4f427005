"""Reading URDF files that may come from anywhere: one line and one type of error for whatever is wrong with them."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import kinverse as kv
from kinverse.errors import ArmError, KinverseError, UnknownNameError

Write = Callable[[str | bytes], Path]

SHOULDER = """
  <joint name="shoulder" type="revolute">
    <parent link="base"/><child link="upper"/>
    <origin xyz="0 0 0.3" rpy="0.1 0.2 0.3"/><axis xyz="0 1 0"/>
    <limit lower="-1.5" upper="2" effort="1" velocity="1"/>
  </joint>"""
ELBOW = """
  <joint name="elbow" type="revolute">
    <parent link="upper"/><child link="lower"/>
    <origin xyz="0.4 0 0"/><axis xyz="0 0 -2"/>
    <limit lower="-1" upper="1" effort="1" velocity="1"/>
  </joint>"""
MOUNT = """
  <joint name="mount" type="fixed"><parent link="lower"/><child link="tool"/><origin xyz="0.1 0 0"/></joint>"""
LINKS = "".join(f'<link name="{name}"/>' for name in ("base", "upper", "lower", "tool"))
FINGER = """
  <link name="finger"/><joint name="grip" type="prismatic">
    <parent link="tool"/><child link="finger"/><axis xyz="1 0 0"/><limit lower="0" upper="0.04"/>
  </joint>"""


def robot(*parts: str) -> str:
    return f'<?xml version="1.0"?>\n<robot name="arm">{"".join(parts)}</robot>'


VALID = robot(LINKS, SHOULDER, ELBOW, MOUNT)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_urdf(content: str | bytes) -> Path:
        path = tmp_path / "arm.urdf"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_urdf


def refused(path: Path | str, message: str, error: type[KinverseError] = ArmError, **choice: str) -> None:
    with pytest.raises(KinverseError, match=message) as caught:
        kv.load_arm(path, **choice)
    assert type(caught.value) is error
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


# ----------------------------------------------------------------------------------------------------- what is read


def test_a_chain_by_hand(write: Write) -> None:
    arm = kv.load_arm(write(VALID))
    assert (arm.name, arm.joint_names, arm.frames) == ("arm", ("shoulder", "elbow"), ("base", "tool"))
    assert (arm.lower.tolist(), arm.upper.tolist()) == ([-1.5, -1.0], [2.0, 1.0])
    a, b = 0.7, -0.4
    # URDF's roll, pitch, yaw are about fixed axes; the last axis points down, and its length does not count.
    first = (Rotation.from_euler("xyz", [0.1, 0.2, 0.3]) * Rotation.from_euler("y", a)).as_matrix()
    R = first @ Rotation.from_euler("z", -b).as_matrix()
    T = arm.forward_kinematics([a, b])
    np.testing.assert_allclose(T[:3, :3], R, atol=1e-15)
    np.testing.assert_allclose(T[:3, 3], [0, 0, 0.3] + first @ [0.4, 0, 0] + R @ [0.1, 0, 0], atol=1e-15)


def test_base_and_tip_cut_the_chain(write: Write) -> None:
    path = write(VALID)
    assert kv.load_arm(path, tool="upper").joint_names == ("shoulder",)
    arm = kv.load_arm(path, base="upper", tool="lower")
    assert arm.joint_names == ("elbow",)
    np.testing.assert_allclose(arm.forward_kinematics([0.5])[:3, 3], [0.4, 0.0, 0.0], atol=1e-15)
    assert kv.load_arm(str(path)).fingerprint == kv.load_arm(path).fingerprint


def test_sliding_joints(write: Write) -> None:
    arm = kv.load_arm(write(robot(LINKS, SHOULDER, ELBOW, MOUNT, FINGER)), base="lower")
    assert arm.joint_kinds == ("prismatic",)
    assert (arm.lower.tolist(), arm.upper.tolist()) == ([0.0], [0.04])
    np.testing.assert_allclose(arm.forward_kinematics([0.03])[:3, 3], [0.13, 0.0, 0.0], atol=1e-15)
    np.testing.assert_allclose(arm.jacobian([0.03])[:, 0], [1, 0, 0, 0, 0, 0], atol=1e-15)


def test_continuous_joints_have_no_limits(write: Write) -> None:
    joint = SHOULDER.replace('"revolute"', '"continuous"').replace("<limit", "<ignored")
    for text in (joint, SHOULDER.replace('"revolute"', '"continuous"')):  # a continuous joint may still carry numbers
        arm = kv.load_arm(write(robot(LINKS, text, ELBOW, MOUNT)))
        assert arm.joint_kinds == ("continuous", "revolute")
        assert (arm.lower[0], arm.upper[0]) == (-np.inf, np.inf)


def test_the_axis_left_out_is_x(write: Write) -> None:
    arm = kv.load_arm(write(robot(LINKS, SHOULDER, ELBOW.replace('<axis xyz="0 0 -2"/>', ""), MOUNT)), base="upper")
    np.testing.assert_allclose(arm.jacobian([0.2])[3:, 0], [1.0, 0.0, 0.0], atol=1e-15)


def test_an_axis_that_almost_points_down_is_kept(write: Write) -> None:
    text = VALID.replace('xyz="0 0 -2"', 'xyz="1e-7 0 -1"')
    arm = kv.load_arm(write(text), base="upper")
    np.testing.assert_allclose(arm.jacobian([0.0])[3:, 0], [1e-7, 0.0, -1.0], atol=1e-14)


def test_meshes_inertias_and_comments_do_not_matter(write: Write) -> None:
    noise = """<!-- a comment --><?a pi?><gazebo><joint name="shoulder"/></gazebo>
      <transmission name="t"><joint/></transmission><material name="grey"/>
      <link name="upper"><visual><geometry><mesh filename="none.stl" scale="x"/></geometry></visual>
      <inertial><mass value="heavy"/></inertial><collision><geometry><sphere/></geometry></collision></link>"""
    text = VALID.replace('<link name="upper"/>', noise)
    assert kv.load_arm(write(text)).fingerprint == kv.load_arm(write(VALID)).fingerprint


def test_mimic_and_floating_joints_beside_the_chain_do_not_matter(write: Write) -> None:
    mimic = FINGER.replace("<axis", '<mimic joint="elbow" multiplier="2"/><axis')
    floating = '<link name="f"/><joint name="free" type="floating"><parent link="base"/><child link="f"/></joint>'
    path = write(robot(LINKS, SHOULDER, ELBOW, MOUNT, mimic, floating))
    assert kv.load_arm(path, tool="tool").fingerprint == kv.load_arm(write(VALID)).fingerprint


# -------------------------------------------------------------------------------------------------- what is refused


def test_missing_file_and_folder(tmp_path: Path) -> None:
    refused(tmp_path / "none.urdf", "none.urdf: cannot be read .No such file")
    (tmp_path / "folder.urdf").mkdir()
    refused(tmp_path / "folder.urdf", "folder.urdf: is not a file")
    refused("a\0b.urdf", r"'a\\x00b.urdf': not the name of a file")
    refused("x" * 300 + ".urdf", "cannot be read .File name too long")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.urdf")
    refused(tmp_path / "pipe.urdf", "is not a file")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.urdf"
    with path.open("wb") as file:
        file.truncate(2**40)  # a hole: no disk has to hold it, and no memory could
    refused(path, "1099512 MB; a URDF here has at most 17 MB")


BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not well-formed XML"),
        (b"   \n", "not well-formed XML"),
        (b"\x7fELF\x00\x01", "not well-formed XML"),
        (b"just text", "not well-formed XML"),
        (VALID[: len(VALID) // 2], "not well-formed XML"),
        (VALID + "<again/>", "not well-formed XML"),
        (VALID.replace("robot", "sdf"), "the outermost element is <sdf>, a URDF has <robot>"),
        ("<html><body>404</body></html>", "the outermost element is <html>"),
        ('<robot name="arm"/>', "no link is defined"),
        (VALID.replace('<robot name="arm">', "<robot>"), "not a URDF that can be read"),
        (f"{BOMB}]><robot name='&i;'/>", "declares a document type or entities"),
        ('<!DOCTYPE robot SYSTEM "http://example.org/a.dtd"><robot name="a"/>', "declares a document type or entities"),
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><robot name="&x;"/>', "declares a document type"),
        ('<!DOCTYPE robot SYSTEM "a.dtd"><robot name="a"/>'.encode("utf-16"), "declares a document type"),
        (f"{BOMB}]><robot name='&i;'/>".encode("utf-16"), "declares a document type|entity amplification"),
        (f"{BOMB}]><robot name='&i;'/>".encode("utf-16-be"), "declares a document type|not well-formed"),
        ("<a>" * 5000, "not well-formed XML"),
        ("<robot name='a'>" + "<link name='l'>" * 400 + "</link>" * 400 + "</robot>", "not well-formed XML"),
    ],
    ids=[
        "empty", "blank", "binary", "text", "truncated", "two roots elements", "sdf", "html", "no links", "no name",
        "entity bomb", "external DTD", "external entity", "UTF-16", "UTF-16 bomb", "UTF-16 without mark", "unclosed",
        "deep",
    ],
)  # fmt: skip
def test_what_is_no_urdf(write: Write, content: str | bytes, message: str) -> None:
    refused(write(content), message)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('<limit lower="-1.5" upper="2" effort="1" velocity="1"/>', "", "revolute joint 'shoulder' has no lower and"),
        ('upper="2"', 'upper="-2"', r"joint 'shoulder' has limits \[-1.5, -2.0\]; expected finite, lower ≤ upper"),
        ('upper="2"', 'upper="nan"', "joint 'shoulder' has limit upper='nan'; expected a number"),
        ('upper="2"', 'upper="inf"', "joint 'shoulder' has limit upper='inf'; expected a number"),
        ('upper="2"', 'upper="two"', "joint 'shoulder' has limit upper='two'; expected a number"),
        ('xyz="0 1 0"', 'xyz="0 0 0"', r"joint 'shoulder' has the axis \[0.0, 0.0, 0.0\]; expected three numbers"),
        ('xyz="0 1 0"', 'xyz="0 nan 1"', "joint 'shoulder' has axis xyz='0 nan 1'; expected three numbers"),
        ('xyz="0 1 0"', 'xyz="0 1e200 1e200"', "joint 'shoulder' has the axis"),
        ('xyz="0 1 0"', 'xyz="0 1"', "joint 'shoulder' has axis xyz='0 1'; expected three numbers"),
        ('xyz="0 1 0"', 'xyz=""', "joint 'shoulder' has axis xyz=''; expected three numbers"),
        ('xyz="0 0 0.3"', 'xyz="nan 0 0"', "joint 'shoulder' has origin xyz='nan 0 0'; expected three numbers"),
        ('xyz="0 0 0.3"', 'xyz="0 0 1e999"', "joint 'shoulder' has an origin farther away than"),
        ('xyz="0 0 0.3"', 'xyz="1"', "joint 'shoulder' has origin xyz='1'; expected three numbers"),
        ('xyz="0 0 0.3"', 'xyz="0 0 0 0.3"', "joint 'shoulder' has origin xyz='0 0 0 0.3'; expected three"),
        ('xyz="0 0 0.3"', 'xyz="${height} 0 0"', "joint 'shoulder' has origin xyz='.{height} 0 0'; expected three"),
        ('rpy="0.1 0.2 0.3"', 'rpy="inf 0 0"', "joint 'shoulder' has origin rpy='inf 0 0'; expected three numbers"),
        ('rpy="0.1 0.2 0.3"', 'rpy="0 0"', "joint 'shoulder' has origin rpy='0 0'; expected three numbers"),
        ('<parent link="base"/>', "", "joint 'shoulder' has no <parent link=…>"),
        ('<child link="upper"/>', "<child/>", "joint 'shoulder' has no <child link=…>"),
        ('<parent link="base"/>', '<parent link="Base"/>', "joint 'shoulder' names link 'Base', which is not defined"),
        ('<parent link="base"/>', '<parent link="lower"/>', "2 root links|cycle through link"),
        ('<parent link="base"/>', '<parent link="upper"/>', "2 root links|cycle through link"),
        ('<link name="base"/>', '<link name="base"/><link name="else"/>', "2 root links, expected one: base, else"),
        ('<link name="base"/>', '<link name="base"/><link name="base"/>', "link 'base' is defined more than once"),
        ('<link name="base"/>', "<link/>", "not a URDF that can be read .KeyError: 'name'"),
        ('name="elbow"', 'name="shoulder"', "joint 'shoulder' is defined more than once"),
        ('name="elbow"', 'name="el&#10;bow"', r"joint 'el\\nbow' has a name that cannot be printed"),
        ('<child link="tool"/>', '<child link="upper"/>', "link 'upper' has two parent joints, 'shoulder' and 'mount'"),
        ('"shoulder" type="revolute"', '"shoulder" type="floating"', "'shoulder' on the chain is 'floating'"),
        ('"shoulder" type="revolute"', '"shoulder" type="planar"', "'shoulder' on the chain is 'planar'"),
        ('"shoulder" type="revolute"', '"shoulder"', "joint 'shoulder' has no type"),
        ('"shoulder" type="revolute"', '"shoulder" type="Revolute"', "'shoulder' on the chain is 'Revolute'"),
        ("<axis", '<mimic joint="elbow"/><axis', "joint 'shoulder' on the chain mimics 'elbow'"),
        ('type="revolute"', 'type="fixed"', "has no moving joint between 'base' and 'tool'"),
    ],
)
def test_a_chain_with_one_fault(write: Write, old: str, new: str, message: str) -> None:
    assert old in VALID
    count = -1 if new == 'type="fixed"' else 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refused(write(VALID.replace(old, new, count)), message)


def test_a_cycle_away_from_the_root(write: Write) -> None:
    loop = "".join(
        f'<link name="{a}"/><joint name="{a}{b}" type="fixed"><parent link="{a}"/><child link="{b}"/></joint>'
        for a, b in ("pq", "qp")
    )
    refused(write(robot(LINKS, SHOULDER, ELBOW, MOUNT, loop)), "the joints form a cycle through link 'p'")
    refused(write(robot(loop)), "the joints form a cycle through link 'p'")


def test_unknown_base_and_tool_list_the_links(write: Write) -> None:
    path = write(VALID)
    everything = "available: base, upper, lower, tool"
    refused(path, f"unknown link 'tol': did you mean 'tool'. {everything}", UnknownNameError, tool="tol")
    refused(path, f"unknown link 'zzz': {everything}", UnknownNameError, base="zzz")


def test_the_tool_must_be_below_the_base(write: Write) -> None:
    message = "tool 'upper' is not below base 'lower'; above it are base"
    refused(write(VALID), message, base="lower", tool="upper")
    refused(write(VALID), "no moving joint between 'lower' and 'lower'", base="lower", tool="lower")


def test_several_leaves_are_listed(write: Write) -> None:
    camera = '<link name="eye"/><joint name="c" type="fixed"><parent link="upper"/><child link="eye"/></joint>'
    path = write(robot(LINKS, SHOULDER, ELBOW, MOUNT, camera))
    refused(path, "2 links could be the tool, choose one: tool=tool, eye")
    assert kv.load_arm(path, tool="eye").joint_names == ("shoulder",)
    fingers = "".join(
        f'<link name="f{i}"/><joint name="g{i}" type="fixed"><parent link="tool"/><child link="f{i}"/></joint>'
        for i in range(40)
    )
    refused(write(robot(LINKS, SHOULDER, ELBOW, MOUNT, fingers)), r"40 links could be the tool.*f11, … \(40 in all\)$")


def test_a_long_chain_of_fixed_joints(write: Write) -> None:
    count = 5000
    links = "".join(f'<link name="l{i}"/>' for i in range(count + 1))
    joints = "".join(
        f'<joint name="j{i}" type="fixed"><parent link="l{i}"/><child link="l{i + 1}"/></joint>' for i in range(count)
    )
    refused(write(robot(links, joints)), "has no moving joint between 'l0' and 'l5000'")


# ------------------------------------------------------------------------------------------------------------- fuzz

edits = st.lists(
    st.tuples(st.sampled_from(["flip", "delete", "insert", "repeat"]), st.integers(0, 10**6), st.binary(max_size=6)),
    min_size=1,
    max_size=4,
)


@pytest.mark.filterwarnings("ignore::kinverse.errors.RobotWarning")
@settings(max_examples=200)
@given(edits)
@example([("insert", 21, b"\xff\xfe")])
@example([("delete", 0, b"")])
def test_damaged_bytes_give_an_arm_or_one_of_our_errors(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, int, bytes]]
) -> None:
    content = bytearray(robot(LINKS, SHOULDER, ELBOW, MOUNT, FINGER).encode())
    for kind, place, data in changes:
        i = place % len(content)
        if kind == "flip":
            content[i] ^= 1 << (place % 8)
        elif kind == "delete":
            del content[i : i + 1 + len(data)]
        elif kind == "insert":
            content[i:i] = data
        else:
            content[i:i] = content[i : i + 40]
    path = tmp_path_factory.getbasetemp() / "damaged.urdf"
    path.write_bytes(bytes(content))
    try:
        arm = kv.load_arm(path)
    except (ArmError, UnknownNameError) as problem:
        assert "\n" not in str(problem)
    else:
        assert np.isfinite(arm.forward_kinematics(arm.sample(2))).all()


def test_nothing_is_printed_or_logged(
    write: Write, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        kv.load_arm(write(VALID))
        for content in (VALID[:300], VALID.replace("0 0 0.3", "nan 0 0"), VALID.replace('<link name="base"/>', "")):
            with pytest.raises(ArmError):
                kv.load_arm(write(content))
    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")
