"""Every fault is found in a training that has it, and none in a healthy one.

`python -m benchmarks.diagnosis` measures all cases on more seeds, with the published trainings.
"""

from __future__ import annotations

import graphlib

import pytest

from kinverse.learning.diagnosis.diagnose import CHECKS, EXPLAINED_BY
from kinverse.learning.diagnosis.finding import CAUSES, Diagnosis, Finding
from kinverse.learning.training.config import FitConfig
from tests.support.faulty_trainings.outcome import BY_NAME, Outcome, confusion, train_and_diagnose

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
    "linear: sine", "linear: ring", "underfitting: NAO 1 unit",
    "unscaled: phase", "unscaled: sine at 1000",
    "schedule: NAO step 1000", "schedule: sine",
    "double softmax: blobs", "double softmax: phase",
    "leak: blobs repeats", "leak: bump answer",
    "small: sine 5", "small: blobs 8", "published: phase", "corrected: phase",
    "decay: ring Adam 0.3", "decay: NAO Adam 0.03", "decay: wave AdamW 5",
    "dropout: wave 0.6", "dropout: planar 0.5",
    "ends: ring", "ends: NAO 0.6", "ends: planar step",
    "linear: wave", "linear: planar",
    "output: wave tanh", "output: NAO relu",
    "vanishing: wave sigmoid 8", "vanishing: ring sigmoid 12",
    "no signal: wave", "no signal: ring", "shuffled: wave", "shuffled: NAO, a third",
    "constant target: NAO", "targets: wave 100", "targets: sine 1e-3",
    "copies: bump 0.1 %", "copies: blobs 1e-6", "answer: wave 0.1 %", "answer: bump cubed",
    "sorted: wave", "sorted: blobs by class",
)  # fmt: skip
"""Cases that train within two seconds each."""


@pytest.mark.parametrize("name", QUICK)
def test_the_fault_is_found_and_no_other(name: str) -> None:
    case = BY_NAME[name]
    found = train_and_diagnose(name, seed=0)
    outcome = Outcome(case, 0, found)
    assert (outcome.missing, outcome.wrong) == ([], []), found
    assert found.skipped == () or case.causes == ("diverging",)  # a diverged training ended after a few epochs
    assert list(found.names) == [] or [CAUSES.index(f.cause) for f in found.findings] == sorted(
        CAUSES.index(cause) for cause in found.names
    )
    for finding in found.findings:
        assert any(character.isdigit() for character in finding.evidence)
        assert names_a_setting(finding), finding


def names_a_setting(finding: Finding) -> bool:
    """Whether a remedy names a setting to change, or rows to add."""
    return (
        "rows" in finding.remedy
        or any(name in finding.remedy for name in FitConfig().settings)
        or finding.cause in ("leak", "sorted split", "shuffled pairs", "constant target", "no signal")
    )


def test_each_cause_has_two_cases_on_different_rows() -> None:
    for cause in CAUSES:
        cases = [case for case in BY_NAME.values() if any(cause in text.split("|") for text in case.causes)]
        assert len(cases) >= 2, cause
        assert len({case.name.split(":")[-1].split()[0] for case in cases}) >= 2, cause
    assert sum(not case.causes for case in BY_NAME.values()) >= 8
    assert len(BY_NAME) >= 30
    assert {*CHECKS, "reachability floor"} == set(CAUSES)


def test_no_cause_explains_itself() -> None:
    """Two causes that explain each other would both be dropped."""
    assert set(graphlib.TopologicalSorter(EXPLAINED_BY).static_order()) <= set(CAUSES)


def test_the_table_counts_hits_misses_and_false_alarms() -> None:
    case = BY_NAME["constant: planar zeros"]
    names = [Finding("dead units", "", ""), Finding("leak", "", "")]
    counts = confusion(
        [
            Outcome(case, 0, Diagnosis(tuple(names))),
            Outcome(BY_NAME["blobs"], 0, Diagnosis(())),
            Outcome(BY_NAME["blobs"], 1, Diagnosis((Finding("leak", "", ""),))),
        ]
    )
    assert counts == {
        ("constant output", "missed"): 1,
        ("dead units", "dead units"): 1,
        ("constant output", "leak"): 1,
        ("healthy", "healthy"): 1,
        ("healthy", "leak"): 1,
    }
