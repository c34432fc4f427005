"""A training that cannot work, and what it says about itself: angles within ±1.2 rad do not reach near the base."""

import kinverse as kv

config = kv.FitConfig(hidden=(24, 24), max_angle=1.2, learning_rate=0.01, epochs=100, scale_features="none", rows=900)
run = kv.fit("planar3", config, out="too-narrow")
for finding in kv.diagnose(run).findings:
    print(f"{finding.cause}: {finding.evidence} → {finding.remedy}")
