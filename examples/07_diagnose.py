"""A training that cannot work, and its diagnosis: angles within ±1.2 rad do not reach targets near the base."""

import kinverse as kv

model = kv.fit(
    "planar3", hidden=(24, 24), max_angle=1.2, learning_rate=0.01, epochs=100, scale_features="none", rows=900
)
for finding in model.diagnose().findings:
    print(f"{finding.cause}: {finding.evidence} → {finding.remedy}")
