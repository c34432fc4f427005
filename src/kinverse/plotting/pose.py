"""Old name of `arms`, until every caller uses the new one."""

from kinverse.plotting.arms import arm_pose, save_arm_picture

__all__ = ["arm_pose", "save_arm_picture"]
