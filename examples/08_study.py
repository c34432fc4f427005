"""A published result repeated from Python: the gradients of backprop by hand, to every printed digit."""

from pathlib import Path

from kinverse.apps.studies.registry import STUDIES
from kinverse.apps.studies.run import run_studies
from kinverse.apps.studies.study import Effort

for finished in run_studies([STUDIES["backprop"]], Effort(quick=True), Path("studies")):
    for item in finished.conclusion.compared[:4]:
        print(f"{item.what}, {item.figure}: published {item.published}, ours {item.median:.9g} ({item.place})")
    print("open", finished.folder / "report.html")
