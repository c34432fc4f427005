"""The NAO arm from joint samples: a regression, since this arm has one solution for each pose."""

import kinverse as kv

data = kv.make_arkoma("nao-right", rows=1000, seed=0, test_rows="uniform")
model = kv.fit(
    data,
    hidden=(64, 64),
    activation="silu",
    inputs="pose",
    batch_size=128,
    epochs=20,
    learning_rate=3e-3,
    schedule="one_cycle",
)
report = model.evaluate()
for predictor in ("network", "nearest neighbour in train", "constant (train mean)"):
    scores = report.of(predictor)
    print(f"{predictor:28s} R² {scores.targets.r2_mean:.3f}   tool {scores.tool.position_mm.median:.1f} mm")
