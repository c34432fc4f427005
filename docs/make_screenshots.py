"""Make the screenshots of the viewer for README and docs.

    python docs/make_screenshots.py [FOLDER]

Needs the extra `test` (playwright, example-robot-data for the Panda's meshes) and Chromium. The files go to FOLDER, or
`docs/figures`.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

import kinverse as kv
from kinverse.apps.viewer.server import Viewer

FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PORT = 8199
SETTLED = 4000
"""Milliseconds until everything has been drawn in software."""


def main() -> None:
    """Open viewers and take screenshots."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "figures"
    model = kv.fit("planar3", hidden=(12,), learning_rate=0.01, epochs=250, scale_features="none", rows=2500)
    picture(folder / "view-planar.png", [model], planar)
    picture(folder / "view-panda.png", [panda_urdf()], panda, base="panda_link0", tool="panda_link8")
    picture(folder / "view-training.png", ["planar3"], training)


def panda_urdf() -> Path:
    """The Panda of the package example-robot-data, with its meshes."""
    spec = importlib.util.find_spec("cmeel")
    assert spec is not None and spec.origin is not None
    robots = Path(spec.origin).parents[1] / "cmeel.prefix/share/example-robot-data/robots"
    return robots / "panda_description/urdf/panda.urdf"


def planar(viewer: Viewer, page: Page) -> None:
    """A target that the small network misses and the solver reaches."""
    viewer.panels[0].set_target(np.array([0.35, 0.6]))
    page.get_by_text("other solutions", exact=True).click()


def panda(viewer: Viewer, page: Page) -> None:
    """A reachable pose, and other solutions."""
    arm_panel = viewer.panels[0]
    arm_panel.set_joints(np.array([0.4, 0.5, -0.3, -1.9, 0.2, 2.2, 0.8]))
    arm_panel.set_target(arm_panel.solved.target)
    page.get_by_text("other solutions", exact=True).click()


def training(viewer: Viewer, page: Page) -> None:
    """A finished training with its diagnosis."""
    page.get_by_text("Train", exact=True).click()
    viewer.training.learning_rate.value = 0.01
    page.get_by_text("start", exact=True).click()
    page.get_by_text("all epochs done", exact=False).wait_for(timeout=120_000)


def picture(file: Path, what: list[object], act: Callable[[Viewer, Page], None], **chain: str) -> None:
    """Open a viewer, act on it, take a screenshot."""
    viewer = kv.view(what, port=PORT, **chain)  # type: ignore[arg-type]
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(viewer.address)
            page.get_by_text("position error [mm]").first.wait_for(timeout=60_000)
            # viser warns about software rendering, which only this script uses.
            page.add_style_tag(content=".mantine-Notification-root { display: none !important; }")
            act(viewer, page)
            page.wait_for_timeout(SETTLED)
            page.screenshot(path=file)
            browser.close()
    finally:
        viewer.close()
    print(f"wrote {file}")


if __name__ == "__main__":
    main()
