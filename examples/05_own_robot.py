"""Any serial chain of a URDF file: here a slider with two turning joints on it, written on the spot."""

from pathlib import Path

import torch

import kinverse as kv
from kinverse.robot import torch_kinematics

JOINT = """
  <joint name="{name}" type="{kind}">
    <parent link="{parent}"/> <child link="{child}"/> <origin xyz="{xyz}"/> <axis xyz="{axis}"/>
    <limit lower="{lower}" upper="{upper}" effort="10" velocity="1"/>
  </joint>"""
LINKS = ("rail", "cart", "upper", "tool")
Path("slider.urdf").write_text(
    "<robot name='slider'>"
    + "".join(f"<link name='{link}'/>" for link in LINKS)
    + JOINT.format(
        name="slide", kind="prismatic", parent="rail", child="cart", xyz="0 0 0.1", axis="1 0 0", lower=0, upper=1
    )
    + JOINT.format(
        name="lift", kind="revolute", parent="cart", child="upper", xyz="0 0 0.2", axis="0 1 0", lower=-2, upper=2
    )
    + JOINT.format(
        name="bend", kind="revolute", parent="upper", child="tool", xyz="0 0 0.5", axis="0 1 0", lower=-2, upper=2
    )
    + "</robot>"
)
arm = kv.load_arm("slider.urdf", base="rail", tool="tool")
print(arm.joint_names, arm.lower, arm.upper)

# The same kinematics in torch: gradients flow through it.
q = torch.zeros(arm.dof, requires_grad=True)
height = torch_kinematics.forward_kinematics(arm, q)[2, 3]
height.backward()
print("height", height.item(), "and its gradient", q.grad)

# Three joints reach positions, not poses.
solver = kv.Solver(arm, kv.Goal.position())
print(solver.solve([[0.8, 0.0, 0.5]]))
