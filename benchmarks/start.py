"""Start-up time of whole processes, compared with a bare Python.

    python -m benchmarks.start

Each command and the bare interpreter run in turn; the result is the difference of each pair.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

PAIRS = 15
COMMANDS = {
    "import kinverse": ["-c", "import kinverse"],
    "import kinverse, load an arm": ["-c", "import kinverse; kinverse.load_arm('panda')"],
    "import kinverse, load an arm, one pose": [
        "-c",
        "import kinverse; kinverse.load_arm('panda').forward_kinematics([0.0] * 7)",
    ],
    "import numpy (for comparison)": ["-c", "import numpy"],
    "import numba (for comparison)": ["-c", "import numba"],
    "import torch (for comparison)": ["-c", "import torch"],
    "kinverse --help": ["-m", "kinverse.apps.cli", "--help"],
}


def seconds(arguments: list[str]) -> float:
    """Wall time of one Python process [s].

    Raises:
        CalledProcessError: the process fails.
    """
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print one table; a command that fails is marked."""
    print("| command | ms over a bare Python (median) | min–max |\n|---|---|---|")
    for name, arguments in COMMANDS.items():
        try:
            seconds(arguments)  # the first run fills the disk and compile caches
        except subprocess.CalledProcessError:
            print(f"| {name} | does not run here | |")
            continue
        extra = []
        for _ in range(PAIRS):
            bare = seconds(["-c", "pass"])
            extra.append((seconds(arguments) - bare) * 1e3)
        print(f"| {name} | {statistics.median(extra):.0f} | {min(extra):.0f}–{max(extra):.0f} |", flush=True)


if __name__ == "__main__":
    main()
