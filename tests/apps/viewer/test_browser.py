"""The viewer in a real browser: Debian's Chromium, headless, with software rendering."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import kinverse as kv
from kinverse.apps.viewer.arm_panel import ArmPanel
from kinverse.apps.viewer.server import Viewer

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
WIDTH, HEIGHT = 700, 420
"""Small: every frame is rendered in software."""
SECONDS = 120.0
"""How long a page may take on a machine with other work."""

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
    pytest.mark.xdist_group("browser"),
    # Threads of a server that is stopped are not waited for.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def viewer() -> Iterator[Viewer]:
    opened = kv.view("planar3", port=_free_port())
    yield opened
    opened.close()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def visitor(browser: Browser, viewer: Viewer) -> Iterator[Page]:
    opened = visit(browser, viewer)
    yield opened
    opened.close()


@pytest.fixture
def page(visitor: Page) -> Iterator[Page]:
    """The one open page; after each test it must not have complained."""
    yield visitor
    assert visitor.faults == []  # type: ignore[attr-defined]


def visit(browser: Browser, viewer: Viewer) -> Page:
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    page.set_default_timeout(1000.0 * SECONDS)
    page.faults = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.faults.append(str(error)))  # type: ignore[attr-defined]
    page.goto(viewer.address)
    page.get_by_text("position error [mm]").first.wait_for()
    return page


def until(true: Callable[[], Any], seconds: float = SECONDS) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"still not so after {seconds} s")
        time.sleep(0.05)


def in_step(page: Page, panel: ArmPanel) -> bool:
    """Whether the number fields show the panel's target and joints."""
    shown = {float(text) for text in _numbers(page)}
    return {round(float(number), 4) for number in (*panel.solved.target, *panel.q)} <= shown


def type_into(page: Page, panel: ArmPanel, label: str, value: str) -> None:
    """Type into the number field of a slider, when no update is on its way that would overwrite it."""
    until(lambda: in_step(page, panel))
    row = page.get_by_text(label, exact=True).locator("xpath=ancestor::*[.//input][1]")
    field = row.locator("input").last
    field.fill(value)
    field.press("Enter")


def test_the_page_loads_without_an_error_and_asks_only_this_machine(browser: Browser, viewer: Viewer) -> None:
    asked: list[str] = []
    page = browser.new_page()
    page.set_default_timeout(1000.0 * SECONDS)
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(viewer.address)
    page.get_by_text("position error [mm]").first.wait_for()
    assert faults == []
    text = page.inner_text("body")
    assert "✓ solved" in text and "network" not in text  # no warning, and there is no network yet
    assert all(url.startswith((viewer.address, "data:", "blob:")) for url in asked)
    page.close()


def test_a_joint_slider_moves_the_arm(page: Page, viewer: Viewer) -> None:
    panel = viewer.panels[0]
    type_into(page, viewer.panels[0], "θ2 [rad]", "1.0")
    until(lambda: abs(panel.q[1] - 1.0) < 0.02)
    np.testing.assert_allclose(panel.solved.target, panel.model.target_of(panel.q), atol=1e-9)


def test_a_target_slider_moves_the_arm_and_the_numbers(page: Page, viewer: Viewer) -> None:
    panel = viewer.panels[0]
    type_into(page, viewer.panels[0], "x [m]", "1.2")
    type_into(page, viewer.panels[0], "y [m]", "0.8")
    until(lambda: np.allclose(panel.solved.target, [1.2, 0.8]))
    np.testing.assert_allclose(panel.model.target_of(panel.q), [1.2, 0.8], atol=1e-6)
    page.get_by_text("✓ solved").wait_for()


def test_an_unreachable_target_is_marked(page: Page, viewer: Viewer) -> None:
    type_into(page, viewer.panels[0], "x [m]", "2.5")
    type_into(page, viewer.panels[0], "y [m]", "2.5")
    page.get_by_text("✗ not solved").wait_for()
    assert viewer.panels[0].solved.position_mm == pytest.approx(1e3 * (2.5 * np.sqrt(2.0) - 3.0), abs=1e-3)
    type_into(page, viewer.panels[0], "y [m]", "0.5")
    type_into(page, viewer.panels[0], "x [m]", "1.0")
    page.get_by_text("✓ solved").wait_for()


def pixel(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a point of the plane is drawn: the camera looks down from 6 m, its field of view is 75°."""
    box = page.locator("canvas").first.bounding_box()
    assert box is not None
    scale = 0.5 * box["height"] / (6.0 * np.tan(np.deg2rad(37.5)))
    return box["x"] + 0.5 * box["width"] + scale * x, box["y"] + 0.5 * box["height"] - scale * y


def test_dragging_the_target_moves_the_arm(page: Page, viewer: Viewer) -> None:
    panel = viewer.panels[0]
    panel.set_target(np.array([1.0, 1.0]))
    page.wait_for_timeout(1500)
    # The square between the arrows moves in both directions; it stands a little off the target.
    grip = np.array([1.0, 1.0]) + 0.18
    page.mouse.move(*pixel(page, *grip))
    page.wait_for_timeout(300)
    page.mouse.down()
    for step in np.linspace(0.0, 1.0, 8):
        page.mouse.move(*pixel(page, *(grip + step * np.array([0.5, -0.7]))))
        page.wait_for_timeout(60)
    page.mouse.up()
    until(lambda: np.linalg.norm(panel.solved.target - [1.5, 0.3]) < 0.05)
    np.testing.assert_allclose(panel.model.target_of(panel.q), panel.solved.target, atol=1e-6)
    until(lambda: any(abs(float(v or "nan") - panel.solved.target[0]) < 0.02 for v in _numbers(page)))


def _numbers(page: Page) -> list[str]:
    return [field.input_value() for field in page.locator("input").all() if _is_number(field.input_value())]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_two_people_see_the_same_and_one_may_leave(browser: Browser, viewer: Viewer) -> None:
    panel = viewer.panels[0]
    first, second = visit(browser, viewer), visit(browser, viewer)
    type_into(first, viewer.panels[0], "x [m]", "0.7")
    until(lambda: abs(panel.solved.target[0] - 0.7) < 1e-6)
    until(lambda: any(v.startswith("0.7") for v in _numbers(second)))
    first.close()
    type_into(second, viewer.panels[0], "y [m]", "1.1")
    until(lambda: abs(panel.solved.target[1] - 1.1) < 1e-6)
    assert second.faults == []  # type: ignore[attr-defined]
    second.close()
    panel.set_target(np.array([1.0, 1.0]))  # nobody is connected, and nothing breaks


def test_other_solutions_are_found_and_taken(page: Page, viewer: Viewer) -> None:
    panel = viewer.panels[0]
    panel.set_target(np.array([1.0, 1.2]))
    before = panel.q.copy()
    page.get_by_text("other solutions", exact=True).click()
    page.get_by_text("others, click one").wait_for()
    panel.choose_joints(panel.model.solver.all_solutions(np.array([1.0, 1.2]), 4).q[1])
    assert np.abs(panel.q - before).max() > 0.05
    np.testing.assert_allclose(panel.model.target_of(panel.q), [1.0, 1.2], atol=1e-6)


def test_a_training_runs_and_can_be_stopped_and_saved(
    page: Page, viewer: Viewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tab = viewer.training
    page.get_by_text("Train", exact=True).click()
    page.get_by_text("kinverse fit planar3", exact=False).first.wait_for()
    tab.epochs.value = 100_000
    page.get_by_text("start", exact=True).click()
    page.get_by_text("median position error", exact=False).wait_for()
    page.get_by_text("pause", exact=True).click()
    page.get_by_text("paused at epoch", exact=False).wait_for()
    page.get_by_text("pause", exact=True).click()
    page.get_by_text("stop", exact=True).click()
    page.get_by_text("stopped in the viewer", exact=False).wait_for()
    until(lambda: tab.trained is not None)
    until(lambda: viewer.panels[0].solved.predicted is not None)  # the new network's
    viewer.panels[0].set_target(np.array([2.5, 0.5]))
    page.get_by_role("tab", name="planar3").click()
    page.get_by_text("! outside the training region").wait_for()
    page.get_by_text("network's prediction (orange)").wait_for()
    page.get_by_text("Train", exact=True).click()
    page.get_by_text("save", exact=True).click()
    page.get_by_text("saved as", exact=False).wait_for()
    assert (tmp_path / "runs" / "planar3" / "model.safetensors").exists()
