"""Chains of real robots, and Pinocchio's word on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pinocchio as pin

import kinverse as kv

CHAINS = [
    # file, base, tip: every joint kind, folded fixed joints, humanoids, hands, legs
    ("panda_description/urdf/panda.urdf", "panda_link0", "panda_hand_tcp"),
    ("ur_description/urdf/ur5_robot.urdf", "base_link", "tool0"),
    ("ur_description/urdf/ur10_robot.urdf", "base_link", "ee_link"),
    ("ur_description/urdf/ur3_robot.urdf", "world", "tool0"),
    ("kinova_description/robots/kinova.urdf", "base", "j2s6s200_end_effector"),
    ("talos_data/robots/talos_full_v2.urdf", "torso_2_link", "arm_left_7_link"),
    ("talos_data/robots/talos_full_v2.urdf", "base_link", "right_sole_link"),
    ("tiago_description/robots/tiago.urdf", "base_footprint", "arm_7_link"),
    ("romeo_description/urdf/romeo.urdf", "body", "l_gripper"),
    ("baxter_description/urdf/baxter.urdf", "base", "left_gripper"),
    ("icub_description/robots/icub.urdf", "root_link", "r_hand"),
    ("pr2_description/urdf/pr2.urdf", "base_link", "r_gripper_tool_frame"),
    ("z1_description/urdf/z1.urdf", "link00", "link06"),
    ("xarm_description/urdf/xarm7.urdf", None, None),
    ("anymal_b_simple_description/robots/anymal.urdf", "base", "LF_FOOT"),
    ("g1_description/urdf/g1_29dof_rev_1_0.urdf", "pelvis", "left_rubber_hand"),
]


def pinocchio_chain(path: Path, arm: kv.Arm, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Poses and LOCAL_WORLD_ALIGNED Jacobians of the arm's tip in its base, by Pinocchio."""
    model = pin.buildModelFromUrdf(str(path))
    data = model.createData()
    base, tip = (model.getFrameId(name) for name in arm.frames)
    poses, jacobians = [], []
    for row in q:
        full = pin.neutral(model)
        columns = []
        for name, value in zip(arm.joint_names, row, strict=True):
            joint = model.joints[model.getJointId(name)]
            if joint.nq == 2:  # Pinocchio stores a continuous joint as cosine and sine
                full[joint.idx_q : joint.idx_q + 2] = np.cos(value), np.sin(value)
            else:
                full[joint.idx_q] = value
            columns.append(joint.idx_v)
        pin.framesForwardKinematics(model, data, full)
        T = data.oMf[base].inverse() * data.oMf[tip]
        J = pin.computeFrameJacobian(model, data, full, tip, pin.LOCAL_WORLD_ALIGNED)[:, columns]
        R = data.oMf[base].rotation.T
        poses.append(T.homogeneous)
        jacobians.append(np.vstack([R @ J[:3], R @ J[3:]]))
    return np.array(poses), np.array(jacobians)
