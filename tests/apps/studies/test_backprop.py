"""Four methods of computing a gradient, against published digits, torch's autograd and each other."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from kinverse.apps.studies.backprop.findings import (
    EXACT,
    Agreement,
    Findings,
    as_printed,
    compare_on_random_network,
    find,
    side_by_side,
)
from kinverse.apps.studies.backprop.gradients import (
    Network,
    by_hand,
    sigmoid,
    with_finite_differences,
    with_numpy,
    with_torch,
)
from kinverse.apps.studies.backprop.report import TEXTS, chain_graph, network_graph, report
from kinverse.apps.studies.backprop.runs import CHAIN, TWO_THREE_ONE, random_network, trainings
from kinverse.apps.studies.study import Effort
from kinverse.errors import ShapeError


def sentences(found: Findings) -> list[str]:
    return TEXTS.items("findings", found)


METHODS = {**EXACT, "finite differences": with_finite_differences}


@pytest.mark.parametrize("method", EXACT)
def test_the_chain_gives_the_published_gradients(method):
    found = EXACT[method](CHAIN.network, CHAIN.x, CHAIN.t)
    assert found.loss == 2.0
    assert [float(w[0, 0]) for w in found.weights] == [-84.0, 28.0, 12.0]


@pytest.mark.parametrize("method", EXACT)
def test_the_network_gives_every_published_digit(method):
    found = EXACT[method](TWO_THREE_ONE.network, TWO_THREE_ONE.x, TWO_THREE_ONE.t)
    with np.printoptions(precision=8):
        assert str(found.weights[1]) == "[[8.21031503e-02 2.43316128e-24 1.04899215e-08]]"
    first = [[f"{value:.9g}" for value in row] for row in found.weights[0]]
    assert first == [
        ["1.59095673", "4.77287018"],
        ["-9.73264513e-24", "-2.91979354e-23"],
        ["-1.04899214e-07", "-3.14697641e-07"],
    ]


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_by_hand_and_numpy_agree_with_torch_on_any_size_and_batch(seed):
    network, x, t = random_network(seed)
    reference = with_torch(network, x, t)
    for method in (by_hand, with_numpy):
        found = method(network, x, t)
        assert found.loss == pytest.approx(reference.loss, rel=1e-12)
        for ours, theirs in zip(found.weights, reference.weights, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
        for ours, theirs in zip(found.layers, reference.layers, strict=True):
            for name in ("z", "h", "dz", "dh"):
                np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9, atol=1e-12)


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_finite_differences_agree_within_twice_their_noise(seed):
    found = compare_on_random_network(seed)
    assert found.in_noise < 2.0
    assert found.exact < 1e-12


@pytest.mark.parametrize("method", METHODS)
def test_a_batch_adds_up_its_rows(method):
    network, x, t = random_network(6)
    assert len(x) > 1
    whole = METHODS[method](network, x, t)
    rows = [METHODS[method](network, x[i : i + 1], t[i : i + 1]) for i in range(len(x))]
    assert whole.loss == pytest.approx(sum(row.loss for row in rows))
    for n, gradient in enumerate(whole.weights):
        np.testing.assert_allclose(gradient, sum(row.weights[n] for row in rows), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_no_input_overflows_the_sigmoid(method):
    network = Network((np.array([[1.0]]), np.array([[2.0]])), "sigmoid")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = METHODS[method](network, np.array([[-1e5], [1e5]]), np.zeros((2, 1)))
    np.testing.assert_array_equal(found.outputs, [[0.0], [2.0]])


@given(st.floats(-1e308, 1e308))
def test_the_sigmoid_is_scipys(z):
    assert sigmoid(z) == pytest.approx(float(expit(z)), rel=1e-14, abs=0.0)


@pytest.mark.parametrize("method", METHODS)
def test_what_does_not_fit_is_refused(method):
    with pytest.raises(ShapeError, match=r"a 2 → 1 network takes x \(n, 2\), t \(n, 1\), got \(1, 3\), \(1, 1\)"):
        METHODS[method](TWO_THREE_ONE.network, np.zeros((1, 3)), np.zeros((1, 1)))


def test_layers_that_do_not_follow_on_each_other_are_refused():
    with pytest.raises(ShapeError, match="follow on each other"):
        Network((np.zeros((3, 2)), np.zeros((1, 2))), "relu")


def test_numbers_are_printed_like_the_published_ones():
    assert as_printed(0.08210315029, "8.21031503e-02") == "8.21031503e-02"
    assert as_printed(-84.0000001, "-84") == "-84"
    assert as_printed(1.5909567349, "1.59095673") == "1.59095673"


def test_the_figures_are_those_that_the_document_prints():
    # Homework, problem 1, and M8-L1 problem 1, output of cell 5, without the output and the loss of the network.
    first = {"L": "2.0", "∂L/∂w3": "12", "∂L/∂w2": "28", "∂L/∂w1": "-84"}
    second = [
        "1.59095673e+00", "4.77287018e+00", "-9.73264513e-24", "-2.91979354e-23", "-1.04899214e-07", "-3.14697641e-07",
        "8.21031503e-02", "2.43316128e-24", "1.04899215e-08",
    ]  # fmt: skip
    assert CHAIN.published == first
    assert sorted(TWO_THREE_ONE.published.values()) == sorted(second)


def test_all_published_digits_come_out():
    found = report(find(Effort(quick=True), {}))
    digits, differences, random, overflow = found.sentences
    assert digits.startswith("All 13 printed figures (12 gradients and 1 loss) come out")
    assert "within their own noise for all 12 gradients, but 3 gradients are smaller" in differences
    assert "differ by rounding only" in random
    assert "overflows at −1000, −745; ours does not" in overflow
    assert {item.place for item in found.compared} == {"inside"}
    assert len(found.figures) == 2
    assert trainings(Effort()) == ()


def sentences_on(**examples):
    """The sentences on some figures of examples, and on a random network on which the methods disagree."""
    worst = Agreement((2, 3, 1), "relu", 4, 1e-3, 1e-3, 9.0)
    return sentences(Findings(examples, [worst]))


def test_a_wrong_digit_is_named():
    wrong = replace(CHAIN, published={**CHAIN.published, "∂L/∂w2": "29"})
    digits = sentences_on(chain=side_by_side(wrong), network=side_by_side(TWO_THREE_ONE))[0]
    assert digits == "1 of 13 printed figures (12 gradients and 1 loss) differ in a printed digit: chain ∂L/∂w2."


def test_disagreement_is_reported():
    (line,) = [line for line in side_by_side(CHAIN) if line.figure == "∂L/∂w1"]
    off = replace(line, differences=line.exact[0] + 1.0)
    assert "off by more than their noise for ∂L/∂w1" in sentences_on(chain=[off])[1]
    _, differences, random = sentences_on(chain=[line])
    assert "every gradient is larger than that noise" in differences
    assert "more than rounding (1e−03" in random


def test_graphs_show_values_and_gradients():
    chain = [text.get_text() for text in chain_graph().figure.axes[0].texts]
    for expected in ("w1", "∂L/∂ −84", "∂L/∂ 28", "∂L/∂ 12", "42", "L = ½ (y − t)²"):
        assert expected in chain
    network = network_graph()
    texts = [text.get_text() for text in network.figure.axes[0].texts]
    assert "∂L/∂ [1.59, 4.77]" in texts and "∂L/∂ 2.43e−24" in texts
    assert network.caption.endswith("units 2, 3")
