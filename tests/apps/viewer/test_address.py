"""Who may use the viewer: the requests of browsers, other sites and other programs."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
import viser
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

import kinverse as kv
from kinverse.apps.viewer.address import check_address, refusal
from kinverse.apps.viewer.server import Viewer
from kinverse.errors import ConfigError

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # the server's loop is not waited for


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def viewer() -> Iterator[Viewer]:
    opened = kv.view("planar3", port=free_port())
    yield opened
    opened.close()


def test_addresses_that_other_machines_reach_need_expose() -> None:
    with pytest.raises(ConfigError, match=r"host '0.0.0.0' lets other machines reach the viewer.*--expose"):
        check_address("0.0.0.0", 18080, expose=False)
    with pytest.raises(ConfigError, match="is not an address of this machine"):
        check_address("203.0.113.7", 18080, expose=True)
    with pytest.raises(ConfigError, match="port must be a whole number from 1 to 65535, got 0"):
        check_address("127.0.0.1", 0, expose=False)
    check_address("0.0.0.0", 18080, expose=True)


def test_a_port_in_use_is_named_with_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port} is in use; \d+ is free: --port \d+"):
            kv.view("planar3", port=port)


@pytest.mark.parametrize(
    ("host", "hosts", "origins"),
    [
        ("127.0.0.1", ["127.0.0.1:8080"], []),
        ("127.0.0.1", ["127.0.0.1:8080"], ["http://127.0.0.1:8080"]),
        ("127.0.0.1", ["LocalHost:8080"], ["http://localhost:8080"]),
        ("127.0.0.1", ["localhost"], ["http://localhost"]),
        ("::1", ["[::1]:8080"], ["http://[::1]:8080"]),
        ("0.0.0.0", ["192.168.1.7:8080"], ["http://192.168.1.7:8080"]),
        ("lab-pc", ["lab-pc:8080"], ["http://lab-pc:8080"]),
    ],
)
def test_the_viewers_own_pages_and_programs_are_answered(host: str, hosts: list[str], origins: list[str]) -> None:
    assert refusal(host, hosts, origins) is None


@pytest.mark.parametrize(
    ("hosts", "origins"),
    [
        (["127.0.0.1:8080"], ["http://evil.example"]),
        (["127.0.0.1:8080"], ["https://127.0.0.1:8080"]),
        (["127.0.0.1:8080"], ["http://127.0.0.1:8081"]),
        (["127.0.0.1:8080"], ["http://localhost:8080"]),
        (["127.0.0.1:8080"], ["http://127.0.0.1:8080.evil.example"]),
        (["127.0.0.1:8080"], ["null"]),
        (["127.0.0.1:8080"], ["http://127.0.0.1:8080", "http://evil.example"]),
        (["evil.example:8080"], ["http://evil.example:8080"]),
        (["evil.example"], []),
        (["localhost.evil.example:8080"], ["http://localhost.evil.example:8080"]),
        (["127.0.0.1.evil.example:8080"], []),
        (["127.0.0.1:8080", "evil.example"], []),
        (["127.0.0.1:80x"], []),
        (["[::1]evil:80"], []),
        ([""], []),
        ([], []),
    ],
)
def test_other_sites_and_borrowed_names_are_refused(hosts: list[str], origins: list[str]) -> None:
    reason = refusal("127.0.0.1", hosts, origins)
    assert reason is not None and "\n" not in reason


def test_a_running_viewer_refuses_a_page_of_another_site(viewer: Viewer) -> None:
    address, protocol = viewer.address.replace("http", "ws"), [Subprotocol(f"viser-v{viser.__version__}")]
    before = viewer.panels[0].q.copy()
    for origin in ("http://evil.example", "null", viewer.address.replace("127.0.0.1", "localhost")):
        with pytest.raises(InvalidStatus, match="403"), connect(address, origin=Origin(origin), subprotocols=protocol):
            pass
    np.testing.assert_array_equal(viewer.panels[0].q, before)
    for own in (Origin(viewer.address), None):
        with connect(address, origin=own, subprotocols=protocol) as accepted:
            assert accepted.recv()


def test_a_running_viewer_refuses_a_borrowed_name(viewer: Viewer) -> None:
    with urllib.request.urlopen(viewer.address) as answer:
        assert answer.status == 200
    request = urllib.request.Request(viewer.address, headers={"Host": "evil.example:8080"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)


def test_only_the_viewers_own_server_is_changed() -> None:
    from websockets.asyncio import server

    before = server.serve
    viewer = kv.view("planar3", port=free_port())
    viewer.close()
    assert server.serve is before


def test_no_message_of_a_browser_opens_a_tunnel(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()
    monkeypatch.setattr("viser._viser.ViserTunnel", lambda *args: asked.set())
    with connect(
        viewer.address.replace("http", "ws"), subprotocols=[Subprotocol(f"viser-v{viser.__version__}")]
    ) as browser:
        browser.recv()
        browser.send(msgspec.msgpack.encode({"type": "ShareUrlRequest"}))
        assert not asked.wait(2.0)
