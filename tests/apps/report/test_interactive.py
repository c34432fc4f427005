"""The interactive arm of a report in a real browser: its predictions are those of Python, and it follows the mouse."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, sync_playwright

import kinverse as kv
from kinverse.apps.report.interactive import interactive_arm
from kinverse.apps.report.page import Page as ReportPage
from kinverse.apps.report.page import render
from kinverse.learning.trained import Model
from kinverse.robot.arm import Arm

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
BASE = {"hidden": (9, 7), "epochs": 3, "rows": 144, "learning_rate": 0.02, "loss_space": "tool"}
CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    **{name: ((1.0, 1.0, 1.0), {"activation": name}) for name in ("relu", "leaky_relu", "sigmoid", "tanh", "silu")},
    "bounds, batch norm, standard": ((1.0, 0.7), {"bounds": "range", "batch_norm": True, "scale_features": "standard"}),
    "max angle, two heads, not scaled": (
        (0.8, 0.6, 0.5, 0.4, 0.3),
        {"max_angle": 2.0, "heads": 2, "scale_features": "none", "dropout": 0.1},
    ),
    "output activation": ((1.0, 1.0, 1.0), {"output_activation": "tanh", "hidden": ()}),
    "limits, turned over": ("turned over", {"bounds": "limits", "heads": 3}),
}


def arm_of(what: Any) -> Arm:
    if what != "turned over":
        return kv.planar_arm(what)
    # The second link hangs upside down, and the base is turned: z points down there, and angles count the other way.
    T = np.tile(np.eye(4), (3, 1, 1))
    T[0, :2, :2] = [[0.0, -1.0], [1.0, 0.0]]
    T[1, :3, :3], T[1, 0, 3] = np.diag([1.0, -1.0, -1.0]), 0.9
    T[2, 0, 3] = 0.6
    return Arm("folded", ("a", "b"), ("revolute",) * 2, T, np.array([-2.0, -1.0]), np.array([1.0, 2.5]))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=["--no-sandbox"])
        yield opened
        opened.close()


def trained(case: str) -> Model:
    torch.set_num_threads(1)
    what, changes = CASES[case]
    return kv.fit(arm_of(what), kv.FitConfig.of(**(BASE | changes)))


def opened(browser: Browser, folder: Path, model: Model, **touch: Any) -> Page:
    file = folder / "page.html"
    file.write_text(render(ReportPage(title="x", interactive=interactive_arm(model, (0.0, 1.0)))), encoding="utf-8")
    page = browser.new_page(viewport={"width": 700, "height": 900}, **touch)
    page.faults = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.faults.append(message.text) if message.type != "log" else None)  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.faults.append(str(error)))  # type: ignore[attr-defined]
    page.on("request", lambda request: page.faults.append(request.url) if "page.html" not in request.url else None)  # type: ignore[attr-defined]
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("case", CASES)
def test_the_page_predicts_what_python_predicts(case: str, tmp_path: Path, browser: Browser) -> None:
    model = trained(case)
    page = opened(browser, tmp_path, model)
    targets = np.random.default_rng(1).uniform(-1.5, 1.5, (200, 2))
    said = page.evaluate("ts => ts.map(([x, y]) => [kinverse.predict(x, y), kinverse.reached(x, y)])", targets.tolist())
    q = np.array([joints for joints, _ in said])
    expected = model.predict(targets)
    assert model.arm is not None
    if model.config.model.heads > 1:  # two heads may come equally close within rounding: then either is correct
        errors = [
            np.linalg.norm(model.arm.forward_kinematics(joints)[:, :2, 3] - targets, axis=1) for joints in (q, expected)
        ]
        np.testing.assert_allclose(*errors, atol=1e-5)
        assert (np.abs(q - expected).max(axis=1) < 1e-5).mean() > 0.99
    else:
        np.testing.assert_allclose(q, expected, atol=1e-5)
    np.testing.assert_allclose([tool for _, tool in said], model.arm.forward_kinematics(q)[:, :2, 3], atol=1e-9)
    assert page.faults == []  # type: ignore[attr-defined]
    page.close()


def test_the_target_follows_mouse_and_keys_and_the_status_says_where_it_is(tmp_path: Path, browser: Browser) -> None:
    page = opened(browser, tmp_path, trained("relu"))
    box = page.locator("#arm-figure svg").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    metre = box["width"] / (2.0 * 3.0 * 1.05)
    said = page.get_by_role("status")
    page.mouse.move(middle[0] + 0.5 * metre, middle[1] - 0.5 * metre)
    page.mouse.down()
    assert "target (0.50, 0.50) m, ✓ in the training square" in said.inner_text()
    page.mouse.move(middle[0] + 1.5 * metre, middle[1] - 0.5 * metre, steps=3)
    assert "target (1.50, 0.50) m, ! outside the training square" in said.inner_text()
    page.mouse.move(middle[0] + 2.9 * metre, middle[1] - 2.9 * metre)
    assert "✗ unreachable" in said.inner_text()
    page.mouse.up()
    page.mouse.move(*middle)
    assert "target (2.90, 2.90) m" in said.inner_text()  # the button is up
    page.evaluate("kinverse.move(0.5, 0.5)")
    page.locator("#arm-figure svg").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    assert "target (0.51, 0.60) m" in said.inner_text()
    assert page.faults == []  # type: ignore[attr-defined]
    page.close()


def test_the_target_follows_a_touch_screen(tmp_path: Path, browser: Browser) -> None:
    page = opened(browser, tmp_path, trained("tanh"), has_touch=True)
    box = page.locator("#arm-figure svg").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert "target (0.00, 0.00) m" in page.get_by_role("status").inner_text()
    page.close()


def test_data_of_a_model_cannot_run_as_a_script(tmp_path: Path, browser: Browser) -> None:
    model = trained("relu")
    arm = interactive_arm(model, (0.0, 1.0))
    assert arm is not None and "<" not in arm.data
    assert json.loads(arm.data)["square"] == [0.0, 1.0]
    text = render(ReportPage(title="x", interactive=arm))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None and f"script-src '{arm.script_hash}'" in policy.group(1)
    # Another script in the same page does not run.
    file = tmp_path / "other.html"
    file.write_text(text.replace("</main>", "<script>window.broken = true</script></main>"), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    assert page.evaluate("window.broken") is None
    assert len(page.evaluate("kinverse.predict(0.5, 0.5)")) == 3
    page.close()


def test_only_planar_models_have_an_interactive_arm() -> None:
    model = kv.fit("nao-left", kv.FitConfig.of(hidden=(4,), epochs=1, rows=300))
    assert interactive_arm(model, (0.0, 1.0)) is None
    assert "<script" not in render(ReportPage(title="x"))


def test_the_report_of_a_planar_model_has_an_interactive_arm(tmp_path: Path) -> None:
    model = kv.fit("planar3", hidden=(4,), epochs=2, rows=100)
    text = model.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'id="arm-data"' in text
    assert set(re.findall(r"\w+://[^\s\"']*", text)) == {"http://www.w3.org/2000/svg"}  # a name, and no address
