"""The benchmark of seeds: every source of seeds solves the same targets, and the verdict is what the numbers say."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import ConfigError, RunError
from kinverse.files import from_plain, to_json
from kinverse.ik.seed_networks import shipped_network
from kinverse.learning.evaluation.seed_benchmark import (
    NETWORK,
    ORACLE,
    RANDOM,
    STORED,
    SeedBenchmark,
    benchmark_seeds,
    verdict,
)


@pytest.fixture(scope="module")
def measured() -> SeedBenchmark:
    arm = kv.load_arm("panda")
    return benchmark_seeds(arm, shipped_network(arm), targets=60, rounds=2)


def test_all_sources_side_by_side(measured: SeedBenchmark) -> None:
    names = [row.name for row in measured.rows]
    assert names[:2] == [RANDOM, STORED] and names[-2:] == [NETWORK, ORACLE] and len(names) == 6
    assert all(row.success == 1.0 for row in measured.rows)
    by_name = {row.name: row for row in measured.rows}
    assert by_name[ORACLE].iterations == 0.0  # the seed is the answer
    assert by_name[NETWORK].iterations < by_name[STORED].iterations < by_name[RANDOM].iterations
    network = shipped_network(kv.load_arm("panda"))
    assert network is not None and by_name[NETWORK].memory == network.weights.nbytes
    alike = by_name[names[2]]  # the table of the network's size
    assert 0.9 * network.memory < alike.memory <= network.memory
    assert measured.position_mm is not None and 1.0 < measured.position_mm.median < 60.0


def test_the_verdict_follows_the_rounds(measured: SeedBenchmark) -> None:
    rows = list(measured.rows)
    place = [row.name for row in rows].index(NETWORK)
    theirs = min((row for row in rows if row.name == STORED or "table" in row.name), key=lambda row: row.per_solution)
    for factors, words in (
        ((0.01, 0.011), "The network beats the best table"),
        ((100.0, 110.0), "The network does not beat the best table"),
        ((0.8, 1.1), "No clear difference between the network and the best table"),  # faster, but not in every round
    ):
        rounds = tuple(factor * took for factor, took in zip(factors, theirs.rounds, strict=True))
        rows[place] = replace(rows[place], rounds=rounds)
        assert verdict(tuple(rows), measured.position_mm, measured.rotation_deg).startswith(words)


def test_one_round_shows_no_clear_difference(measured: SeedBenchmark) -> None:
    rows = tuple(replace(row, rounds=row.rounds[:1]) for row in measured.rows)
    assert verdict(rows, measured.position_mm, measured.rotation_deg).startswith("No clear difference")


def test_written_and_read_back(measured: SeedBenchmark) -> None:
    again = from_plain(json.loads(to_json(measured)), SeedBenchmark, "card", RunError)
    assert again == measured
    assert len(again.table.rows) == 6
    with pytest.raises(RunError, match="card: object missing"):
        from_plain({"arm": "panda"}, SeedBenchmark, "card", RunError)


def test_without_a_network_and_for_positions() -> None:
    planar = benchmark_seeds(kv.load_arm("planar3"), None, targets=20, rounds=1)
    assert [row.name for row in planar.rows][:2] == [RANDOM, STORED]
    assert planar.position_mm is None and "No network" in planar.verdict
    assert np.all([row.success == 1.0 for row in planar.rows])
    with pytest.raises(ConfigError):
        benchmark_seeds(kv.load_arm("planar3"), None, targets=0)
