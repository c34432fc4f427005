"""Time from a drag message to the scene update, without a browser.

    python -m benchmarks.viewer

A client of the viewer's protocol moves the target along a path, one message at a time, and waits for the message
that moves a joint of the arm. The network and the drawing in the browser take additional time. If Chromium and
playwright are installed, the time per frame with software rendering is measured too.
"""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import time

import msgspec.msgpack
import numpy as np
import viser
import zstandard
from websockets.asyncio.client import ClientConnection, connect

import kinverse as kv
from kinverse.geometry import quaternion_from_rotation

MESSAGES = 300
PORT = 8177
FRAMES = """() => new Promise(done => {
    const times = [];
    const next = time => { times.push(time); times.length < 40 ? requestAnimationFrame(next) : done(times); };
    requestAnimationFrame(next);
})"""


def main() -> None:
    for name in ("planar3", "panda"):
        viewer = kv.view(name, port=PORT)
        try:
            times = asyncio.run(drag(name))
            frame = frame_time(viewer.address)
        finally:
            viewer.close()
        low, middle, high = np.percentile(times, (5, 50, 95))
        print(f"{name}: {len(times)} drag messages, median {middle:.2f} ms (5 % {low:.2f}, 95 % {high:.2f})", end="")
        print("" if frame is None else f"; a frame drawn by the processor, 1280 × 800: {frame:.0f} ms", flush=True)


def frame_time(address: str) -> float | None:
    """Median time between two frames [ms] in Chromium with software rendering; None if it is not installed."""
    chromium = shutil.which("chromium")
    if chromium is None or importlib.util.find_spec("playwright") is None:
        return None
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        page.get_by_text("position error [mm]").first.wait_for(timeout=60_000)
        page.wait_for_timeout(3000)
        times = page.evaluate(FRAMES)
        browser.close()
    return float(np.median(np.diff(times)))


async def drag(name: str) -> list[float]:
    """Time from each drag message to the movement of the arm [ms]."""
    arm = kv.load_arm(name)
    # The path is linear in the joints, so that every target is reachable and every joint moves.
    q = np.linspace(arm.sample(1, seed=1)[0], arm.sample(1, seed=2)[0], MESSAGES)
    poses = arm.forward_kinematics(q)
    times = []
    async with connect(
        f"ws://127.0.0.1:{PORT}",
        subprotocols=[f"viser-v{viser.__version__}"],
        max_size=2**28,  # type: ignore[list-item]
    ) as socket:
        await quiet(socket)
        for T in poses:
            wxyz = np.roll(quaternion_from_rotation(T[:3, :3]), 1)
            message = {
                "type": "TransformControlsUpdateMessage", "name": "/arm0/target", "owner": "",
                "wxyz": wxyz.tolist(), "position": T[:3, 3].tolist(),
            }  # fmt: skip
            began = time.perf_counter()
            await socket.send(msgspec.msgpack.encode(message))
            await moved(socket)
            times.append(1e3 * (time.perf_counter() - began))
            await quiet(socket, 0.02)
    return times


async def moved(socket: ClientConnection) -> None:
    """Wait for a message that rotates a joint of the solved arm."""
    while True:
        for message in decoded(await asyncio.wait_for(socket.recv(), 5.0)):
            if message["type"] == "SetOrientationMessage" and "/solved/" in message["name"]:
                return


async def quiet(socket: ClientConnection, seconds: float = 1.0) -> None:
    """Read messages until none arrives for `seconds`."""
    while True:
        try:
            await asyncio.wait_for(socket.recv(), seconds)
        except TimeoutError:
            return


def decoded(data: str | bytes) -> list[dict[str, object]]:
    """The messages of one packet, which consists of sizes, zstd-compressed msgpack, and arrays."""
    assert isinstance(data, bytes)
    packed = int.from_bytes(data[8:16], "little")
    inner = zstandard.ZstdDecompressor().decompress(data[16 : 16 + packed])
    return list(msgspec.msgpack.decode(inner)["messages"])


if __name__ == "__main__":
    main()
