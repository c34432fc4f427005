"""A planar arm trained through its forward kinematics: the rows hold target positions and no joint angles."""

import kinverse as kv

arm = kv.planar_arm([1.0, 1.0, 1.0])
model = kv.fit(arm, hidden=(24, 24), learning_rate=0.01, epochs=100, scale_features="none", rows=900, out="planar")
report = model.evaluate()
print("floors:", report.floors)
print("tool error [mm]:", report.of("network").tool.position_mm)
print("open", model.folder / "report.html")
