"""The NAO arm from joint samples: a regression, because this arm has one answer to a pose."""

import kinverse as kv

data = kv.make_arkoma("nao-right", rows=1000, seed=0)
config = kv.FitConfig(
    hidden=(64, 64),
    activation="silu",
    inputs="pose",
    batch_size=128,
    epochs=20,
    learning_rate=3e-3,
    schedule="one_cycle",
)
run = kv.fit(data, config, out="nao")
report = kv.evaluate(run, data)
for who in ("network", "nearest neighbour in train", "constant (train mean)"):
    scores = report.of(who)
    print(f"{who:28s} R² {scores.targets.r2_mean:.3f}   tip {scores.tip.position_mm.median:.1f} mm")
