"""An arm: where its tool is, how it moves, what it may do."""

import numpy as np

import kinverse as kv

arm = kv.load_arm("panda")
q = arm.sample(5, seed=0)  # (5, 7) rad, inside the joint limits
T_base_tool = arm.forward_kinematics(q)  # (5, 4, 4) m
J = arm.jacobian(q)  # (5, 6, 7): linear above angular velocity, base axes

# The Jacobian against a step of one microradian in the first joint.
step = np.eye(arm.dof)[0] * 1e-6
moved = (arm.forward_kinematics(q + step) - arm.forward_kinematics(q - step))[:, :3, 3] / 2e-6
print("largest difference to finite differences:", np.abs(moved - J[:, :3, 0]).max())
print("inside the limits:", arm.within_limits(q))

# Other kinematics from this one: a gripper at the flange, an arm on a table, a joint that does not move.
gripper = arm.with_tool(kv.poses([0.0, 0.0, 0.1]))
print("tool 10 cm further out:", gripper.forward_kinematics(q)[0, :3, 3])
print("joints left:", arm.lock({"panda_joint3": 0.0}).joint_names)

# A planar arm of any lengths.
planar = kv.planar_arm([1.0, 0.8, 0.5])
print("tool of the stretched planar arm:", planar.forward_kinematics([0.0, 0.0, 0.0])[:2, 3])
