"""The computation graph by what is drawn: boxes, numbers and arrows."""

from __future__ import annotations

import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from kinverse.errors import ShapeError, UnknownNameError
from kinverse.plotting.graph import Node, computation_graph
from tests.support.figures import assert_labels_inside, assert_legend_covers_no_plot, legend_texts

NODES = [
    Node("x", (-2.0,), (), 0, 1, "given"),
    Node("w", (3.0, -1.0), (1e-24, 0.5), 1, 0, "weight"),
    Node("z = w · x", (-6.0,), (0.25,), 1, 1),
    Node("L", (18.0,), (1.0,), 2, 1, "loss"),
]
ARROWS = [("x", "z = w · x"), ("w", "z = w · x"), ("z = w · x", "L")]


def boxes(axes):
    return [patch for patch in axes.patches if isinstance(patch, FancyBboxPatch)]


def test_every_node_is_a_box_with_its_numbers():
    figure = computation_graph(NODES, ARROWS, title="a graph")
    (axes,) = figure.axes
    texts = [text.get_text() for text in axes.texts]
    assert texts == [
        "x",
        "−2",
        "w",
        "[3, −1]",
        "∂L/∂ [1e−24, 0.5]",
        "z = w · x",
        "−6",
        "∂L/∂ 0.25",
        "L",
        "18",
        "∂L/∂ 1",
    ]
    assert len(boxes(axes)) == len(NODES)
    assert sum(isinstance(patch, FancyArrowPatch) for patch in axes.patches) == len(ARROWS)
    assert axes.get_title(loc="left") == "a graph"
    assert legend_texts(figure)[:4] == ["given", "weight", "computed", "loss"]
    assert_labels_inside(figure)
    assert_legend_covers_no_plot(figure)


def test_texts_stay_in_their_boxes():
    figure = computation_graph(NODES, ARROWS)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    for text in axes.texts:
        place = text.get_window_extent()
        around = [
            box
            for box in boxes(axes)
            if box.get_window_extent().contains(*text.get_transform().transform(text.get_position()))
        ]
        assert len(around) == 1
        inside = around[0].get_window_extent()
        assert inside.x0 <= place.x0 and place.x1 <= inside.x1, text


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([], "nodes of different names"),
        ([NODES[0], NODES[0]], "nodes of different names"),
        ([Node("w", (1.0, 2.0), (1.0,), 0, 0)], "2 values but 1 gradients"),
    ],
)
def test_nodes_that_do_not_fit_are_refused(nodes, message):
    with pytest.raises(ShapeError, match=message):
        computation_graph(nodes, [])


def test_an_arrow_to_nowhere_is_refused():
    with pytest.raises(UnknownNameError, match="'y'"):
        computation_graph(NODES, [("x", "y")])
