"""Experiments for the questions of lesson 15."""

import kinverse as kv
from kinverse.learning.evaluation.floors import reachability_floor
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Table


def joints_or_tool() -> Table:
    """The same rows of the three-link arm, with a loss on joints and one through the kinematics."""
    data = kv.joint_dataset("planar3", rows=2000, seed=0)
    base = FitConfig.of(
        hidden=(48, 48), activation="silu", learning_rate=3e-3, schedule="one_cycle", batch_size=128, epochs=100,
        scale_features="standard",
    )  # fmt: skip
    rows = []
    for name, config in (
        ("joints", base.replace(loss_space="joints", scale_targets="standard")),
        ("tool, through the kinematics", base.replace(loss_space="tool", scale_targets="none")),
    ):
        tool = kv.fit(data, config).evaluate().of("network").tool
        assert tool is not None
        rows.append((name, tool.position_mm.median, tool.position_mm.p95))
    columns = ("the loss compares", "tool error, median [mm]", "95 % below [mm]")
    return Table("Three links, 1,200 training rows, 100 epochs", columns, rows)


def reachability() -> Table:
    """Final loss of two networks with angles within ±π/2, compared with the floor, on a coarse grid."""
    data, bound = kv.grid_dataset("planar3", points_per_axis=30), 1.5707963267948966
    arm = kv.load_arm("planar3")
    floor = reachability_floor(arm, data.train.features, lower=-bound, upper=bound)
    rows = []
    for hidden in ((24, 24), (96, 96)):
        config = FitConfig.of(hidden=hidden, learning_rate=3e-3, epochs=500, max_angle=bound)
        rows.append(("-".join(map(str, hidden)), kv.fit(data, config).history.train_loss[-1], floor))
    return Table("Training loss of bounded networks", ("hidden layers", "loss [m²]", "reachability floor [m²]"), rows)
