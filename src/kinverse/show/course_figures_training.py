"""Figures of the course's lessons on training and judging networks; each is computed here, in a moment."""

from __future__ import annotations

from matplotlib.figure import Figure

from kinverse.show.graph import Node, computation_graph


def backprop_chain(x: float = -2.0, weights: tuple[float, ...] = (-1.0, 3.0, 7.0), t: float = 40.0) -> Figure:
    """A chain of products and ReLUs with the value and the gradient of every step; the loss is ½ (y − t)².

    Args:
        x: what goes in.
        weights: one for each product; behind all but the last stands a ReLU.
        t: target.
    """
    z: list[float] = []
    h = [x]
    for n, weight in enumerate(weights):
        z.append(weight * h[-1])
        h.append(z[-1] if n == len(weights) - 1 else max(z[-1], 0.0))
    loss = "L = ½ (y − t)²"
    last = len(weights)
    column = 2.0 * last
    nodes = [
        Node("t", (t,), (), column, 0, "given"),
        Node(loss, (0.5 * (h[-1] - t) ** 2,), (1.0,), column, 1, "loss"),
        Node("x", (x,), (), 0, 1, "given"),
    ]
    arrows = [("t", loss)]
    back, behind = h[-1] - t, loss  # the gradient of what stands before `behind`
    for n in range(last, 0, -1):
        place = 2.0 * n - 1.0
        if n < last:
            name = f"h{n} = ReLU(z{n})"
            nodes.append(Node(name, (h[n],), (back,), place + 1.0, 1))
            arrows.append((name, behind))
            back, behind = back * (z[n - 1] > 0.0), name
        name = f"{'y' if n == last else f'z{n}'} = w{n} · {'x' if n == 1 else f'h{n - 1}'}"
        nodes.append(Node(name, (z[n - 1],), (back,), place, 1))
        nodes.append(Node(f"w{n}", (weights[n - 1],), (back * h[n - 1],), place, 0, "weight"))
        arrows += [(name, behind), (f"w{n}", name)]
        back, behind = back * weights[n - 1], name
    arrows.append(("x", behind))
    return computation_graph(nodes, arrows)
