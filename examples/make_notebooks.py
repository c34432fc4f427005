"""The examples as notebooks, made from the cells below: `python examples/make_notebooks.py`.

A cell that begins with "#" and a space is text; the others are Python. No outputs are stored.
"""

from __future__ import annotations

import json
from pathlib import Path

NOTEBOOKS = {
    "01_move_an_arm": (
        "# Move an arm\n\nEach slider is a joint; the figure is redrawn as it moves. The planar arm is trained on "
        "the green square in the next notebook.",
        "import kinverse as kv\n\nkv.sliders('planar3')",
        "## Any arm\n\nThe catalog's, or a URDF file of your own: `kv.sliders('robot.urdf')`.",
        "kv.sliders('panda')",
    ),
    "02_train_a_planar_arm": (
        "# Train a planar arm through its forward kinematics\n\nThe data has targets and no joint angles: "
        "the loss is the distance between the target and the tool position of the predicted angles.",
        "import kinverse as kv\n\narm = kv.planar_arm([1.0, 1.0, 1.0])",
        "model = kv.fit(arm, hidden=(24, 24), learning_rate=0.01, epochs=200, scale_features='none', rows=2500)\nmodel",
        "## Did it work?\n\nThe diagnosis looks for the usual faults of a training and names a remedy.",
        "model.diagnose()",
        "model.evaluate()",
        "## Try it\n\nPose 1 is the solver's solution, pose 2 the network's prediction. "
        "Move the target out of the square.",
        "kv.explore(model)",
    ),
    "03_solve_exactly": (
        "# Solve exactly\n\nA solver needs no training. It starts from the predictions of a network if there is one, "
        "and solves to the tolerance you ask for, inside the joint limits.",
        "import kinverse as kv\n\nsolver = kv.Solver('panda')\n"
        "targets = solver.arm.forward_kinematics(solver.arm.sample(1000, seed=1))\n"
        "found = solver.solve(targets)\nfound",
        "print(f'{1e6 * found.position_error.max():.3f} µm at worst, {found.iterations.mean():.1f} iterations')",
        "## More than one solution\n\nSeven joints reach a pose with infinitely many solutions; these are some.",
        "solver.all_solutions(targets[0], limit=3).q.round(2)",
        "kv.explore('panda')",
    ),
}


def notebook(cells: tuple[str, ...]) -> dict[str, object]:
    """The cells in Jupyter's format, version 4.5."""
    built = []
    for i, text in enumerate(cells):
        is_text = text.startswith(("# ", "## "))
        cell = {"id": f"cell-{i}", "metadata": {}, "source": text.splitlines(keepends=True)}
        kind = {"cell_type": "markdown"} if is_text else {"cell_type": "code", "execution_count": None, "outputs": []}
        built.append(cell | kind)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": built, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def main(folder: Path = Path(__file__).parent / "notebooks") -> None:
    """Write every notebook."""
    folder.mkdir(exist_ok=True)
    for name, cells in NOTEBOOKS.items():
        text = json.dumps(notebook(cells), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
