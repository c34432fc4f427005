"""Study 6: every option of the workflow, tried on one small task.

The task is that of the planar arm on a coarse grid: targets in the plane to joint angles, trained through the forward
kinematics. Losses for classes sort the same points into three rings about the base. One setting is changed at a time.
"""
