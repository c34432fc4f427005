"""Arms that follow the same target, and the training panel's code; without a browser."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import ArmError, ConfigError, RunError


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the server's loop is not waited for
def test_arms_of_the_same_kinematics_follow_the_same_target() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    viewer = kv.view(["planar3", kv.planar_arm([1.0, 1.0, 1.0]), "planar:1,0.5"], port=port)
    try:
        first, second, other = viewer.panels
        before = other.solved.target
        first.choose_target(np.array([0.6, 1.1]))
        np.testing.assert_array_equal(second.solved.target, [0.6, 1.1])
        np.testing.assert_allclose(second.model.target_of(second.q), [0.6, 1.1], atol=1e-6)
        np.testing.assert_array_equal(other.solved.target, before)
        assert len({panel.root for panel in viewer.panels}) == 3
    finally:
        viewer.close()


def test_what_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="1 to 6 arms or models side by side, got 0"):
        kv.view([])
    with pytest.raises(ArmError):
        kv.view("pandaa.urdf")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunError, match="not a whole run"):
        kv.view(tmp_path / "empty")
