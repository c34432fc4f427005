"""Run the benchmarks one after the other: `make bench`."""

from __future__ import annotations

from benchmarks import diagnosis, kinematics, loop, solver, start

if __name__ == "__main__":
    for module in (kinematics, solver, start, loop, diagnosis):
        print(f"\n## {module.__name__}\n", flush=True)
        module.main()
