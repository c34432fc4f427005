"""Robot descriptions as users bring them: each kind was reported by users of some tool."""

from __future__ import annotations

from pathlib import Path

import pytest

import kinverse as kv
from kinverse.errors import ArmError, RobotWarning

LIMIT = '<limit lower="-2.5" upper="2.5" effort="1" velocity="1"/>'


def robot(first: str = "", root: str = 'name="r"', limit: str = LIMIT, joint: str = 'name="j2" type="revolute"') -> str:
    """A robot of two joints, with one thing changed."""
    return f"""{first}<?xml version="1.0"?>
<robot {root}>
  <link name="a"/><link name="b"/><link name="c"/>
  <joint name="j1" type="revolute"><parent link="a"/><child link="b"/><axis xyz="0 0 1"/>{LIMIT}</joint>
  <joint {joint}><parent link="b"/><child link="c"/><origin xyz="0.3 0 0"/><axis xyz="0 1 0"/>{limit}</joint>
</robot>
"""


def load(tmp_path: Path, text: str, name: str = "r.urdf") -> kv.Arm:
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    return kv.load_arm(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        robot(root='name="r" xmlns="http://www.ros.org"'),
        robot(root='name="r" xmlns:xacro="http://www.ros.org/wiki/xacro"'),
        robot(first="\n"),
        robot(first="  \n\n"),
        robot(limit=LIMIT.replace("-2.5", " -2.5 ")),
    ],
)
def test_harmless_differences_are_read(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text).fingerprint == load(tmp_path, robot(), "plain.urdf").fingerprint


@pytest.mark.parametrize(
    ("limit", "expected"), [('<limit upper="1.2"/>', (0.0, 1.2)), ('<limit lower="-1" effort="1"/>', (-1.0, 0.0))]
)
def test_a_missing_limit_is_zero_by_the_specification(
    tmp_path: Path, limit: str, expected: tuple[float, float]
) -> None:
    with pytest.warns(RobotWarning, match=r"joint 'j2' has no (lower|upper) limit; by the URDF specification it is 0"):
        arm = load(tmp_path, robot(limit=limit))
    assert (arm.lower[1], arm.upper[1]) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (robot(limit=""), "revolute joint 'j2' has no lower and upper limit"),
        (robot(limit='<limit effort="1"/>'), "revolute joint 'j2' has no lower and upper limit"),
        (robot(limit=LIMIT.replace("-2.5", "-2,5")), r"joint 'j2' has limit lower='-2,5'; expected a number, with"),
        (robot(limit=LIMIT.replace("2.5", "1_0")), r"joint 'j2' has limit lower='-1_0'"),
        (robot(limit=LIMIT.replace("2.5", "١")), r"joint 'j2' has limit lower='-١'"),
        (robot(limit=LIMIT.replace("2.5", "nan")), r"joint 'j2' has limit lower='-nan'"),
        (robot(limit='<limit lower="-1" upper="1" effort="x"/>'), r"joint 'j2' has limit effort='x'; expected"),
        (robot(limit=LIMIT + '<mimic joint="j1" multiplier="a"/>'), r"joint 'j2' has mimic multiplier='a'"),
        (robot(joint='type="revolute"'), "joint number 2 has no name"),
        (robot(joint='name="j2"'), "joint 'j2' has no type"),
        (robot().replace("0.3 0 0", "0 0 ${h}"), r"origin xyz='0 0 \$\{h\}'; .*this is xacro: expand it"),
        (robot().replace("0.3 0 0", "1e200 0 0 " + "7" * 5000), "expected three numbers"),
        (robot(root='name="r" xmlns:xacro="http://www.ros.org/wiki/xacro"').replace("<link", "<xacro:m/><link", 1),
         "holds xacro macros; expand it to a URDF first"),
        ("<mujoco><worldbody/></mujoco>", "is a MuJoCo model; kinverse reads URDF files"),
        ('<robot name="r"></robot>', "no link is defined"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_joint_attribute_and_value(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ArmError, match=message) as caught:
        load(tmp_path, text)
    assert len(str(caught.value)) <= 300 + len(str(tmp_path)) and str(caught.value).isprintable()


def test_numbers_that_overflow_are_one_error(tmp_path: Path) -> None:
    for size in ("1e7", "1e200", "1e308", "-1e300"):
        with pytest.raises(ArmError, match=r"joint 'j2' has an origin farther away than 1e\+06 m"):
            load(tmp_path, robot().replace("0.3 0 0", f"{size} 0 0"))
