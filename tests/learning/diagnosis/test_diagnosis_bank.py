"""Every cause is found where it was put in, and nothing where all is well.

The whole bank, on more seeds and with the published trainings, is judged by `python -m benchmarks.diagnosis`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.diagnosis import BY_NAME, Judged, confusion, train_and_diagnose

from kinverse.learning.diagnosis.diagnose import CHECKS
from kinverse.learning.diagnosis.finding import CAUSES, Diagnosis, Finding
from kinverse.learning.training.config import FitConfig

QUICK = (
    "planar", "NAO joints, MAE", "NAO positions, heads", "sine, Huber", "bump, dropout", "blobs", "ring",
    "phase, logits and scaled",
    "floor: planar 1.2", "floor: NAO ±0.4, distance",
    "constant: NAO zeros", "constant: blobs zeros", "constant: sine rate 3",
    "dead: bump rate 0.2",
    "falling: sine 1e-4", "falling: blobs 1e-4", "falling: NAO positions",
    "diverging: sine SGD", "diverging: NAO SGD", "diverging: bump RMSprop",
    "oscillating: wave SGD", "oscillating: bump, batches",
    "overfitting: blobs 40", "overfitting: bump noise",
    "underfitting: sine linear", "underfitting: ring linear", "underfitting: NAO 1 unit",
    "unscaled: phase", "unscaled: sine at 1000",
    "schedule: NAO step 1000", "schedule: sine",
    "double softmax: blobs", "double softmax: phase",
    "leak: blobs repeats", "leak: bump answer",
    "small: sine 5", "small: blobs 8", "published: phase", "corrected: phase",
)  # fmt: skip
"""Each takes less than two seconds."""


@pytest.mark.parametrize("name", QUICK)
def test_what_was_put_in_is_found_and_nothing_else(name: str) -> None:
    case = BY_NAME[name]
    found = train_and_diagnose(name, seed=0)
    judged = Judged(case, 0, found)
    assert (judged.missing, judged.wrong) == ([], []), found
    assert found.skipped == () or case.causes == ("diverging",)  # which ended after a few epochs
    assert list(found.names) == [] or [CAUSES.index(f.cause) for f in found.findings] == sorted(
        CAUSES.index(cause) for cause in found.names
    )
    for finding in found.findings:
        assert any(character.isdigit() for character in finding.evidence)
        assert names_a_setting(finding), finding


def names_a_setting(finding: Finding) -> bool:
    """Whether a remedy says what to set, or speaks of rows, which are no setting."""
    return (
        "rows" in finding.remedy
        or any(name in finding.remedy for name in FitConfig().to_dict())
        or (finding.cause == "leak")
    )


def test_the_bank_holds_every_cause_twice_on_different_rows() -> None:
    for cause in CAUSES:
        cases = [case for case in BY_NAME.values() if any(cause in text.split("|") for text in case.causes)]
        assert len(cases) >= 2, cause
        assert len({case.name.split(":")[-1].split()[0] for case in cases}) >= 2, cause
    assert sum(not case.causes for case in BY_NAME.values()) >= 8
    assert len(BY_NAME) >= 30
    assert {*CHECKS, "reachability floor"} == set(CAUSES)


def test_the_table_counts_hits_misses_and_false_alarms() -> None:
    case = BY_NAME["constant: planar zeros"]
    names = [Finding("dead units", "", ""), Finding("leak", "", "")]
    counts = confusion(
        [
            Judged(case, 0, Diagnosis(tuple(names))),
            Judged(BY_NAME["blobs"], 0, Diagnosis(())),
            Judged(BY_NAME["blobs"], 1, Diagnosis((Finding("leak", "", ""),))),
        ]
    )
    assert counts == {
        ("constant output", "missed"): 1,
        ("dead units", "dead units"): 1,
        ("constant output", "leak"): 1,
        ("healthy", "healthy"): 1,
        ("healthy", "leak"): 1,
    }


def test_the_bank_is_no_part_of_the_package() -> None:
    import kinverse

    assert not list(Path(kinverse.__file__).parent.rglob("*bank*"))
