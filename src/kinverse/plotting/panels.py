"""Old names of `losses` and `plane`, until every caller uses the new ones."""

from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.plotting.plane import PlanePanel, plane_errors

loss_panels, plane_panels = loss_curves, plane_errors
__all__ = ["LossPanel", "PlanePanel", "loss_panels", "plane_panels"]
