"""What is drawn in a figure: lines, legends, and whether every label lies inside the picture."""

from __future__ import annotations

import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text


def line(axes, label):
    return next(item for item in axes.get_lines() if item.get_label() == label)


def legend_texts(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def png(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=60)
    return buffer.getvalue()


def tick_labels(axes):
    """Texts of the ticks that are drawn: matplotlib keeps some beyond the ends of an axis, unseen."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        yield from (tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high)


def assert_labels_inside(figure, in_space=False):
    """No label is cut off at the edge of the picture."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    texts = [text for legend in figure.legends for text in legend.get_texts()]
    for axes in figure.axes:
        titles_and_texts = [child for child in axes.get_children() if isinstance(child, Text)]
        texts += [axes.xaxis.label, axes.yaxis.label]
        # mplot3d places its ticks and texts while it draws and keeps no box of them.
        texts += [axes.title] if in_space else [*titles_and_texts, *tick_labels(axes)]
    written = [text for text in texts if text.get_text() and text.get_visible()]
    assert len(written) > 5
    for text in written:
        box = text.get_window_extent(canvas.get_renderer())
        assert figure.bbox.contains(box.x0, box.y0), text
        assert figure.bbox.contains(box.x1, box.y1), text


def assert_legend_covers_no_plot(figure):
    """The legend stands beside the plots."""
    png(figure)
    for legend in figure.legends:
        box = legend.get_window_extent()
        assert not any(box.overlaps(axes.get_window_extent()) for axes in figure.axes)
