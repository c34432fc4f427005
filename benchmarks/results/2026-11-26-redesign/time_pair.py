"""Paired timings of two versions: python time_pair.py OLD_TREE NEW_TREE OUT.csv [--rounds 15] [NAME …]

Both versions run in a process of their own, which stays; in every round each measures once, one right after the other,
the first in turn. CPU time (user and system) where nothing else is said, so that other work on the machine counts little.
"""
import csv, json, os, resource, statistics, subprocess, sys, time
from pathlib import Path


class Old:
    def targets(name, n):
        import kinverse as kv
        arm = kv.load_arm(name)
        return arm.forward(arm.sample(n, seed=20_000))

    def solver(name):
        import kinverse as kv
        return kv.Solver(name, threads=1, position_tolerance=1e-6, rotation_tolerance=1e-6).solve

    def kinematics(name):
        import kinverse as kv
        arm = kv.load_arm(name)
        return arm.pose, arm.jacobian, arm.sample(10_000, seed=1)

    def recipes():
        from kinverse.fit.recipes import NAO_BETTER, NAO_PUBLISHED, PLANAR
        return {"planar3": PLANAR[2].config, "nao": NAO_PUBLISHED.config, "nao-better": NAO_BETTER.config}

    def epochs(which):
        from dataclasses import replace
        import kinverse as kv
        from kinverse.fit.loop import TrainingState, train
        from kinverse.fit.problem import build_problem
        config = Old.recipes()[which]
        name = "planar3" if which == "planar3" else "nao-right"
        data, arm = kv.grid_dataset(name) if which == "planar3" else kv.make_arkoma(name), kv.load_arm(name)

        def run(n):
            c = replace(config, epochs=n)
            problem = build_problem(data, arm, c)
            state = TrainingState.fresh(problem, c)
            return lambda: train(problem, c, state)
        return run

    def fit(epochs):
        import tempfile
        import kinverse as kv
        from kinverse.fit.config import FitConfig
        with tempfile.TemporaryDirectory() as folder:
            kv.fit("planar3", FitConfig(hidden=(24, 24), epochs=epochs, rows=900, learning_rate=0.01), out=Path(folder) / "run")

    HELP = ["-m", "kinverse.cli", "--help"]
    FK = "s.arm.forward"


class New:
    def targets(name, n):
        import kinverse as kv
        arm = kv.load_arm(name)
        return arm.forward_kinematics(arm.sample(n, seed=20_000))

    def solver(name):
        import kinverse as kv
        return kv.Solver(name, kv.Goal.pose(position_tolerance=1e-6, rotation_tolerance=1e-6), threads=1).solve

    def kinematics(name):
        import kinverse as kv
        arm = kv.load_arm(name)
        return arm.forward_kinematics, arm.jacobian, arm.sample(10_000, seed=1)

    def recipes():
        from kinverse.apps.studies.nao.runs import NAO_BETTER, NAO_PUBLISHED
        from kinverse.apps.studies.planar.runs import PLANAR
        return {"planar3": PLANAR[2].config, "nao": NAO_PUBLISHED.config, "nao-better": NAO_BETTER.config}

    def epochs(which):
        import kinverse as kv
        from kinverse.learning.training.loop import TrainingState, run_epochs
        from kinverse.learning.training.problem import build_problem
        config = New.recipes()[which]
        name = "planar3" if which == "planar3" else "nao-right"
        data, arm = kv.grid_dataset(name) if which == "planar3" else kv.make_arkoma(name), kv.load_arm(name)

        def run(n):
            c = config.replace(epochs=n)
            problem = build_problem(data, arm, c)
            state = TrainingState.fresh(problem, c)
            return lambda: run_epochs(problem, c, state)
        return run

    def fit(epochs):
        import tempfile
        import kinverse as kv
        with tempfile.TemporaryDirectory() as folder:
            kv.fit("planar3", out=Path(folder) / "run", hidden=(24, 24), epochs=epochs, rows=900, learning_rate=0.01)

    HELP = ["-m", "kinverse.apps.cli", "--help"]
    FK = "s.arm.forward_kinematics"


APIS = {"old": Old, "new": New}
COMMANDS = {"import kinverse": ["-c", "import kinverse"], "to the first solution": ["-c", "import kinverse as kv; s = kv.Solver('panda'); s.solve(FK(s.arm.sample(1)))"]}
EPOCHS = {"planar3": 120, "nao": 400, "nao-better": 6}
NAMES = {**{f"batch {a}": "µs per target, 10,000 targets, one thread" for a in ("panda", "ur5", "iiwa14")},
         **{f"single {a}": "µs per call, wall clock, median of 2,000 calls" for a in ("panda", "ur5", "iiwa14")},
         **{f"epoch {e}": "ms per epoch" for e in EPOCHS}, "forward kinematics panda": "ms, 10,000 rows", "jacobian panda": "ms, 10,000 rows",
         "fit planar3": "s, 30 epochs, with run folder and page", "kinverse --help": "ms", "import kinverse": "ms", "to the first solution": "ms"}


def cpu(function):
    began = time.process_time()
    function()
    return time.process_time() - began


def child(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def prepared(api, name):
    """A function that measures once; what it needs is made and warmed beforehand."""
    kind, _, what = name.partition(" ")
    if kind == "batch":
        t, solve = api.targets(what, 10_000), api.solver(what)
        solve(t)
        return lambda: 1e6 * statistics.median(cpu(lambda: solve(t)) for _ in range(3)) / len(t)
    if kind == "single":
        t, solve = api.targets(what, 2000), api.solver(what)

        def calls():
            times = []
            for row in t:
                began = time.perf_counter()
                solve(row)
                times.append(time.perf_counter() - began)
            return 1e6 * statistics.median(times)
        calls()
        return calls
    if kind == "epoch":
        import torch
        torch.set_num_threads(1)
        run, n = api.epochs(what), EPOCHS[what]
        run(2)()
        return lambda: 1e3 * cpu(run(n)) / n
    if name in ("forward kinematics panda", "jacobian panda"):
        pose, jacobian, q = api.kinematics("panda")
        function = pose if kind == "forward" else jacobian
        function(q)
        return lambda: 1e3 * statistics.median(cpu(lambda: function(q)) for _ in range(60))
    if kind == "fit":
        api.fit(2)
        return lambda: cpu(lambda: api.fit(30))
    command = api.HELP if name == "kinverse --help" else COMMANDS[name]
    command = [part.replace("FK", api.FK) for part in command]
    child(command)
    repeats = 3 if name == "to the first solution" else 15
    return lambda: 1e3 * statistics.median(child(command) for _ in range(repeats))


def serve(api):
    """Measure what each line of the input names."""
    ready = {}
    print("ready", flush=True)
    for line in sys.stdin:
        name = line.strip()
        if name not in ready:
            ready[name] = prepared(api, name)
        print(repr(ready[name]()), flush=True)


class Worker:
    def __init__(self, tree, which):
        tree = Path(tree)
        cache = os.environ.get("NUMBA_CACHES", "/tmp/numba")
        environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "NUMBA_CACHE_DIR": f"{cache}-{tree.name}"}
        self.process = subprocess.Popen([sys.executable, __file__, "--worker", which], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.read()

    def read(self):
        while not (line := self.process.stdout.readline()).strip().replace(".", "").replace("e-", "").isdigit() and line.strip() != "ready":
            if not line:
                raise SystemExit("a worker ended")
        return line.strip()

    def measure(self, name):
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        return float(self.read())


def main():
    old, new, out, *rest = sys.argv[1:]
    rounds = int(rest[rest.index("--rounds") + 1]) if "--rounds" in rest else 15
    names = [n for n in NAMES if any(w in n for w in rest if not w.startswith("--") and not w.isdigit())] or list(NAMES)
    workers = {"old": Worker(old, "old"), "new": Worker(new, "new")}
    new_file = not Path(out).exists()
    with open(out, "a", newline="") as file:
        write = csv.writer(file)
        if new_file:
            write.writerow(("round", "what", "first", "old", "new", "old / new", "load"))
        for number in range(-1, rounds):  # one round to warm up
            for name in names:
                order = ("old", "new") if number % 2 else ("new", "old")
                took = {which: workers[which].measure(name) for which in order}
                if number >= 0:
                    write.writerow((number, name, order[0], f"{took['old']:.5g}", f"{took['new']:.5g}", f"{took['old'] / took['new']:.4f}", f"{os.getloadavg()[0]:.1f}"))
                    file.flush()
    for worker in workers.values():
        worker.process.stdin.close()
        worker.process.wait()


if sys.argv[1] == "--worker":
    serve(APIS[sys.argv[2]])
elif sys.argv[1] == "--table":
    import random
    random.seed(0)
    ratios = {}
    with open(sys.argv[2]) as file:
        for row in csv.DictReader(file):
            ratios.setdefault(row["what"], []).append([float(row[k]) for k in ("old", "new", "old / new")])
    for name, rows in ratios.items():
        o, n, r = zip(*rows)
        again = sorted(statistics.median(random.choices(r, k=len(r))) for _ in range(4000))  # bootstrap of the median
        print(f"| {name} | {NAMES[name]} | {statistics.median(o):.4g} | {statistics.median(n):.4g} | {statistics.median(r):.3f} | {again[100]:.3f}–{again[-101]:.3f} | {min(r):.2f}–{max(r):.2f} | {len(r)} |")
else:
    main()
