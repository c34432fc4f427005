"""Make the figures of README and docs from real trainings.

    python docs/make_figures.py

Runs the demo in a temporary folder and the benchmark against every installed library, some minutes in all, and writes
to docs/figures.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

import kinverse as kv
from kinverse.apps.benchmark.bench import ARMS, Effort, run_bench
from kinverse.apps.benchmark.plot import save_bench_plot
from kinverse.apps.cli.demo import run_demo
from kinverse.apps.report.model_figures import ModelFigures
from kinverse.plotting.arms import save_arm_picture

FIGURES = Path(__file__).parent / "figures"


def main() -> None:
    """Run the demo and the benchmark, and draw."""
    FIGURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        report, _ = run_demo(Path(folder) / "demo")
        nao, planar = (kv.load_model(report.parent / name) for name in ("nao-right-better", "planar-model-2"))
        drawn = ModelFigures(planar, planar.dataset)
        figures = {
            "nao-parity": ModelFigures(nao, nao.dataset).parity(),
            "planar-plane": drawn.plane(),
            "planar-pose": drawn.configurations(),
            "planar-losses": drawn.losses(),
        }
        for name, figure in figures.items():
            figure.savefig(FIGURES / f"{name}.png", dpi=110)
    _side_by_side("planar-plane", "planar-pose", "readme")
    save_arm_picture(kv.load_arm("panda"), FIGURES / "panda.png")
    save_bench_plot(run_bench(ARMS, None, Effort.of(None, 0, False)), FIGURES / "bench.png")
    for path in sorted(FIGURES.glob("*.png")):
        print(path)


def _side_by_side(left: str, right: str, name: str) -> None:
    """Two pictures of one height side by side."""
    pictures = [Image.open(FIGURES / f"{part}.png").convert("RGB") for part in (left, right)]
    height = min(picture.height for picture in pictures)
    pictures = [picture.resize((round(picture.width * height / picture.height), height)) for picture in pictures]
    both = Image.new("RGB", (sum(picture.width for picture in pictures), height), "white")
    both.paste(pictures[0], (0, 0))
    both.paste(pictures[1], (pictures[0].width, 0))
    both.save(FIGURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
