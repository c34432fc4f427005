"""What lies around an arm in the scene: where it can reach, where its network was trained, the floor."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.viewer.scene import GREEN
from kinverse.apps.viewer.subject import Subject

CELLS = 100
"""Cells on a side of the shaded region of a planar arm."""
POINTS = 2500
"""Points that show where an arm reaches in space."""
PALE = (185, 190, 195)


def draw_surroundings(scene: Any, root: str, subject: Subject) -> Any:
    """Add the floor, the training region and the reachable region.

    Returns:
        The node of the reachable region, to be shown or hidden.
    """
    reach = float(np.abs(subject.reached).max())
    if not subject.is_planar:
        # A round cell size: a tenth of the reach or so.
        cell = float(10.0 ** np.floor(np.log10(reach / 3.0)))
        scene.add_grid(f"{root}/floor", width=2.4 * reach, height=2.4 * reach, cell_size=cell, section_size=10.0 * cell)
    if subject.training_box is not None:
        corners = _edges(subject.training_box)
        scene.add_line_segments(
            f"{root}/training", points=corners, colors=GREEN, thickness=2.0, thickness_units="screen"
        )
    return _draw_reachable(scene, f"{root}/reachable", subject)


def _draw_reachable(scene: Any, name: str, subject: Subject) -> Any:
    if not subject.is_planar:
        points = subject.reached[:POINTS].astype(np.float32)
        return scene.add_point_cloud(name, points, colors=PALE, point_size=0.003 * float(np.abs(points).max()))
    vertices, faces = shaded_cells(*reached_cells(subject))
    return scene.add_mesh_simple(name, vertices, faces, color=(222, 226, 230), side="double", opacity=0.9)


def reached_cells(subject: Subject) -> tuple[Float[np.ndarray, "n 2"], float]:
    """The cells of the plane whose middle the arm reaches, by its solver: their lower corners and their side [m]."""
    reach = 1.05 * float(np.abs(subject.reached).max())
    size = 2.0 * reach / CELLS
    axis = -reach + size * np.arange(CELLS)
    corners = np.column_stack([a.ravel() for a in np.meshgrid(axis, axis)])
    return corners[subject.solver.solve(corners + 0.5 * size).converged], size


def shaded_cells(corners: Float[np.ndarray, "n 2"], size: float) -> tuple[Float[np.ndarray, "v 3"], np.ndarray]:
    """Square cells as a flat mesh a little below z = 0: vertices [m], and triangles as numbers of vertices."""
    square = size * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    flat = (corners[:, None] + square).reshape(-1, 2)
    vertices = np.column_stack([flat, np.full(len(flat), -0.5 * size)])
    first = 4 * np.arange(len(corners))[:, None]
    faces = np.concatenate([first + np.array(corners) for corners in ((0, 1, 2), (0, 2, 3))])
    return vertices.astype(np.float32), faces.astype(np.uint32)


def _edges(box: Float[np.ndarray, "2 3"]) -> Float[np.ndarray, "n 2 3"]:
    """The edges of a box; of a flat one its four sides."""
    low, high = box
    corners = np.array([[(low, high)[(i >> axis) & 1][axis] for axis in range(3)] for i in range(8)])
    pairs = [(i, i | (1 << axis)) for i in range(8) for axis in range(3) if not i & (1 << axis)]
    edges = np.array([[corners[a], corners[b]] for a, b in pairs])
    return edges[np.linalg.norm(edges[:, 0] - edges[:, 1], axis=1) > 1e-9]
