"""A planar arm trained through its own forward kinematics: no joint answers are given, only where to go."""

import kinverse as kv

arm = kv.planar_arm([1.0, 1.0, 1.0])
config = kv.FitConfig(hidden=(24, 24), learning_rate=0.01, epochs=100, scale_features="none", rows=900)
run = kv.fit(arm, config, out="planar")
report = kv.evaluate(run)
print("floors:", report.floors)
print("tip error [mm]:", report.of("network").tip.position_mm)
print("open", run.folder / "report.html")
