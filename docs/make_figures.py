"""Make the pictures of README and docs from real runs.

    python docs/make_figures.py

Runs the demo in a temporary folder and the bench against every library that is installed, some minutes in all, and
writes into docs/figures.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

import kinverse as kv
from kinverse.apps.benchmark.bench import ARMS, Effort, run_bench
from kinverse.apps.benchmark.plot import save_bench_plot
from kinverse.apps.cli.demo import run_demo
from kinverse.apps.report.run_report import loss_figure, parity_figure, plane_figure, pose_figure
from kinverse.plotting.arms import save_arm_picture

FIGURES = Path(__file__).parent / "figures"


def main() -> None:
    """Run the demo and draw."""
    FIGURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        result = run_demo(Path(folder) / "demo")
        better = kv.Run.load(result.folder / "nao-right-better")
        planar = kv.Run.load(result.folder / "planar-model-2")
        data = kv.read_dataset(result.folder / "nao-right-data")
        figures = {
            "nao-parity": parity_figure(better, data),
            "planar-plane": plane_figure(planar),
            "planar-pose": pose_figure(planar),
            "planar-losses": loss_figure(planar),
        }
        for name, figure in figures.items():
            figure.savefig(FIGURES / f"{name}.png", dpi=110)
    _side_by_side("planar-plane", "planar-pose", "readme")
    save_arm_picture(kv.load_arm("panda"), FIGURES / "panda.png")
    save_bench_plot(run_bench(ARMS, None, Effort.of(None, 0, False)), FIGURES / "bench.png")
    for path in sorted(FIGURES.glob("*.png")):
        print(path)


def _side_by_side(left: str, right: str, name: str) -> None:
    """Two pictures of one height beside each other."""
    pictures = [Image.open(FIGURES / f"{part}.png").convert("RGB") for part in (left, right)]
    height = min(picture.height for picture in pictures)
    pictures = [picture.resize((round(picture.width * height / picture.height), height)) for picture in pictures]
    both = Image.new("RGB", (sum(picture.width for picture in pictures), height), "white")
    both.paste(pictures[0], (0, 0))
    both.paste(pictures[1], (pictures[0].width, 0))
    both.save(FIGURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
