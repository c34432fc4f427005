"""Every benchmark, one after the other: `make bench`."""

from __future__ import annotations

import sys

from benchmarks import kinematics, loop, published, solver, start

if __name__ == "__main__":
    sys.argv = sys.argv[:1]  # published reads arguments of its own
    for module in (kinematics, solver, start, loop, published):
        print(f"\n## {module.__name__}\n", flush=True)
        module.main()
