"""Decision regions and confusion matrices by what is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.contour import ContourSet

from kinverse.errors import ShapeError
from kinverse.plotting.regions import (
    COLOURS,
    HATCHES,
    MARKERS,
    TINTS,
    RegionPanel,
    confusion_matrices,
    decision_regions,
)
from tests.support.figures import assert_labels_inside, assert_legend_covers_no_plot, legend_texts

NAMES = ("solid", "liquid", "vapour")
SPANS = ((0.0, 50.0), (0.0, 1.0))
POINTS = np.array([[10.0, 0.2], [30.0, 0.8], [40.0, 0.1], [45.0, 0.5]])
CLASSES = np.array([0, 1, 2, 2])
HELD_OUT = np.array([False, True, False, True])


def panel(regions=None):
    regions = np.repeat([[0] * 10 + [2] * 10], 20, axis=0) if regions is None else regions
    return RegionPanel("a classifier", regions, POINTS, CLASSES, HELD_OUT)


def offsets(axes):
    return [
        np.asarray(item.get_offsets())
        for item in axes.collections
        if len(item.get_offsets()) and item.get_offsets().any()
    ]


def test_points_lie_on_their_regions_and_held_out_ones_are_ringed():
    figure = decision_regions([panel(), panel()], NAMES, SPANS, ("temperature [K]", "pressure [atm]"), "two")
    assert len(figure.axes) == 2
    for axes in figure.axes:
        drawn = offsets(axes)
        np.testing.assert_array_equal(np.concatenate(drawn[:3]), POINTS[np.argsort(CLASSES, kind="stable")])
        np.testing.assert_array_equal(drawn[3], POINTS[HELD_OUT])
        assert axes.get_xlabel() == "temperature [K]"
        assert (axes.get_xlim(), axes.get_ylim()) == SPANS
    assert figure.axes[0].get_ylabel() == "pressure [atm]"
    assert set(legend_texts(figure)) == {*NAMES, *(f"predicted: {name}" for name in NAMES), "held out"}
    assert_labels_inside(figure)
    assert_legend_covers_no_plot(figure)


def test_a_region_between_two_classes_is_not_a_third_one():
    # Contours of the class numbers would draw a strip of class 1 where 0 meets 2.
    (axes,) = decision_regions([panel()], NAMES, SPANS, ("x", "y")).axes
    spans = {}
    for item in axes.collections:
        for k, tint in enumerate(TINTS[:3]):
            if isinstance(item, ContourSet) and len(item.get_facecolor()) and same_color(item.get_facecolor()[0], tint):
                box = item.get_paths()[0].get_extents()
                spans[k] = (box.x0, box.x1)
    # The grid changes from 0 to 2 between its columns 9 and 10, at 25.
    assert spans == {0: pytest.approx((0.0, 25.0), abs=1e-6), 2: pytest.approx((25.0, 50.0), abs=1e-6)}


def test_one_class_everywhere_has_no_border():
    (axes,) = decision_regions([panel(np.ones((20, 20), dtype=int))], NAMES, SPANS, ("x", "y")).axes
    assert_labels_inside(axes.figure)


def test_classes_differ_without_colour():
    assert len(set(HATCHES)) == len(COLOURS) == len(TINTS) <= len(set(MARKERS))


def test_a_class_without_a_name_is_refused():
    with pytest.raises(ShapeError, match="class 2 has no name; there are 2: a, b"):
        decision_regions([panel()], ("a", "b"), SPANS, ("x", "y"))
    with pytest.raises(ShapeError, match="at least one panel"):
        decision_regions([], NAMES, SPANS, ("x", "y"))


def test_confusion_counts_stand_in_their_cells():
    counts = np.array([[7, 2, 2], [2, 10, 0], [1, 2, 10]])
    figure = confusion_matrices({"as published": counts, "corrected": counts.T.copy()}, NAMES, title="left out")
    first, second = figure.axes
    assert [text.get_text() for text in first.texts] == [str(value) for value in counts.ravel()]
    assert [text.get_position() for text in first.texts[:2]] == [(0, 0), (1, 0)]  # a row for each true class
    assert first.get_title(loc="left") == "as published\n27 of 36 correct"
    assert (first.get_xlabel(), first.get_ylabel()) == ("predicted", "true")
    assert [tick.get_text() for tick in second.get_xticklabels()] == list(NAMES)
    assert_labels_inside(figure)


def test_counts_of_another_size_are_refused():
    with pytest.raises(ShapeError, match=r"must be \(3, 3\), got"):
        confusion_matrices({"two": np.eye(2, dtype=int)}, NAMES)
