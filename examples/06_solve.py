"""Exact inverse kinematics: one pose, many, several solutions of one, and a path."""

import numpy as np

import kinverse as kv

solver = kv.Solver("panda")  # or a URDF path with kv.load_arm, or model.solver()
arm = solver.arm
targets = arm.forward_kinematics(arm.sample(10_000, seed=1))  # poses T_base_tool, (10000, 4, 4)

one = solver.solve(targets[0])
print("joint angles [rad]", one.q.round(4), "· converged", one.converged, f"· off by {one.position_error:.1e} m")

many = solver.solve(targets)
print(many, "·", f"{many.iterations.mean():.1f} iterations each")

posture = np.array([0.0, -0.5, 0.0, -2.0, 0.0, 1.5, 0.8])
print("nearest to a posture", solver.solve(targets[0], nearest_to=posture).q.round(2))

# A seven-joint arm has infinitely many solutions for a pose: samples of them, as far apart as possible.
print(len(solver.all_solutions(targets[0], limit=5)), "solutions of one pose")

far = targets[0].copy()
far[0, 3] += 3.0
missed = solver.solve(far)
print("beyond its reach:", "converged" if missed.converged else f"misses by {missed.position_error:.3f} m")

# A straight line of the tool, 10 cm in 200 points, from where the arm is.
path = np.tile(arm.forward_kinematics(posture), (200, 1, 1))
path[:, 1, 3] += np.linspace(0.0, 0.1, 200)
print(solver.track(path, start=posture))
