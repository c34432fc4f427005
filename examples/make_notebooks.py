"""The examples as notebooks, made from the cells below: `python examples/make_notebooks.py`.

A cell that begins with "#" and a space is text; the others are Python. No outputs are stored.
"""

from __future__ import annotations

import json
from pathlib import Path

NOTEBOOKS = {
    "01_move_an_arm": (
        "# Move an arm\n\nEach slider is a joint; the picture is drawn anew as it moves. The green square is what the "
        "planar arm is trained on in the next notebook.",
        "import kinverse as kv\n\nkv.sliders('planar3')",
        "## Any arm\n\nThe catalog's, or a URDF file of your own: `kv.sliders('robot.urdf')`.",
        "kv.sliders('panda')",
    ),
    "02_train_a_planar_arm": (
        "# Train a planar arm through its forward kinematics\n\nNo joint answers are given, only where to go: the loss "
        "is the distance between the target and where the predicted angles bring the tool.",
        "import kinverse as kv\n\narm = kv.planar_arm([1.0, 1.0, 1.0])",
        "config = kv.FitConfig(hidden=(24, 24), learning_rate=0.01, epochs=200, scale_features='none', rows=2500)\n"
        "run = kv.fit(arm, config, out='planar-run')\nrun.card.stopped",
        "## Did it work?\n\nThe diagnosis looks for what usually goes wrong, and says what would help.",
        "found = kv.diagnose(run)\n[(finding.cause, finding.remedy) for finding in found.findings] or 'nothing found'",
        "kv.evaluate(run).of('network').tip.position_mm",
        "## Ask it\n\nPose 1 is the solver's, pose 2 what the network says by itself. Leave the square and see.",
        "kv.explore(run)",
    ),
    "03_solve_exactly": (
        "# Solve exactly\n\nA solver needs no training: it begins from what a network proposes where there is one, "
        "and finishes to the tolerance you ask for, inside the joint limits.",
        "import kinverse as kv\n\nsolver = kv.Solver('panda')\n"
        "targets = solver.arm.forward(solver.arm.sample(1000, seed=1))\nfound = solver.solve(targets)\nfound",
        "print(f'{1e6 * found.position_error.max():.3f} µm at worst, {found.iterations.mean():.1f} iterations')",
        "## More than one answer\n\nSeven joints reach a pose in a whole family of ways; these are some of them.",
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
