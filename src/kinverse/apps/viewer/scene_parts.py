"""The scene around an arm: the floor, its reachable region, and the training region of its network."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.viewer.arm_nodes import GREEN
from kinverse.apps.viewer.view_model import ViewModel

CELLS = 100
"""Number of cells along each side of a planar arm's shaded region."""
POINTS = 2500
"""Number of points that show the reachable region in space."""
PALE = (185, 190, 195)


def draw_scene_parts(scene: Any, root: str, model: ViewModel) -> Any:
    """Add the floor and the reachable region; returns the node of the reachable region."""
    if not model.arm.is_planar:
        # The cell size is a power of ten, about a tenth of the reach.
        cell = float(10.0 ** np.floor(np.log10(model.reach / 3.0)))
        scene.add_grid(
            f"{root}/floor", width=2.4 * model.reach, height=2.4 * model.reach, cell_size=cell, section_size=10.0 * cell
        )
    return _draw_reachable(scene, f"{root}/reachable", model)


def draw_training_region(scene: Any, root: str, model: ViewModel) -> None:
    """Add the edges of the training region of the network, if it is known."""
    if model.training_box is not None:
        scene.add_line_segments(
            f"{root}/training", points=_edges(model.training_box), colors=GREEN, thickness=2.0,
            thickness_units="screen",
        )  # fmt: skip


def _draw_reachable(scene: Any, name: str, model: ViewModel) -> Any:
    if not model.arm.is_planar:
        points = model.reachable[:POINTS].astype(np.float32)
        return scene.add_point_cloud(name, points, colors=PALE, point_size=0.003 * model.reach)
    vertices, faces = square_mesh(*reachable_cells(model))
    return scene.add_mesh_simple(name, vertices, faces, color=(222, 226, 230), side="double", opacity=0.9)


def reachable_cells(model: ViewModel) -> tuple[Float[np.ndarray, "n 2"], float]:
    """Lower corners and side [m] of the cells of the plane whose centre the solver reaches."""
    edge = 1.05 * model.reach
    size = 2.0 * edge / CELLS
    axis = -edge + size * np.arange(CELLS)
    corners = np.column_stack([a.ravel() for a in np.meshgrid(axis, axis)])
    return corners[model.solver.solve(corners + 0.5 * size).converged], size


def square_mesh(corners: Float[np.ndarray, "n 2"], size: float) -> tuple[Float[np.ndarray, "v 3"], np.ndarray]:
    """Vertices [m] and triangles (as vertex numbers) of square cells, as a flat mesh slightly below z = 0."""
    square = size * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    flat = (corners[:, None] + square).reshape(-1, 2)
    vertices = np.column_stack([flat, np.full(len(flat), -0.5 * size)])
    first = 4 * np.arange(len(corners))[:, None]
    faces = np.concatenate([first + np.array(corners) for corners in ((0, 1, 2), (0, 2, 3))])
    return vertices.astype(np.float32), faces.astype(np.uint32)


def _edges(box: Float[np.ndarray, "2 3"]) -> Float[np.ndarray, "n 2 3"]:
    """The edges of a box that have a length: twelve, or four if the box is flat."""
    low, high = box
    corners = np.array([[(low, high)[(i >> axis) & 1][axis] for axis in range(3)] for i in range(8)])
    pairs = [(i, i | (1 << axis)) for i in range(8) for axis in range(3) if not i & (1 << axis)]
    edges = np.array([[corners[a], corners[b]] for a, b in pairs])
    return edges[np.linalg.norm(edges[:, 0] - edges[:, 1], axis=1) > 1e-9]
