"""Kinematics in torch: values, shapes, and derivatives of the first and second order."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import kinverse as kv
from kinverse.errors import ShapeError
from kinverse.robot import torch_kinematics as differentiable
from tests.support.random_arms import chains, random_chain

FUNCTIONS = (differentiable.forward_kinematics, differentiable.tool_position, differentiable.jacobian)


@given(chains, st.integers(0, 2**32 - 1))
def test_values_are_those_of_the_compiled_kernels(arm: kv.Arm, seed: int) -> None:
    q = arm.sample(6, seed)
    T = differentiable.forward_kinematics(arm, torch.tensor(q))
    np.testing.assert_allclose(T.numpy(), arm.forward_kinematics(q), atol=1e-13)
    np.testing.assert_allclose(differentiable.jacobian(arm, torch.tensor(q)).numpy(), arm.jacobian(q), atol=1e-13)
    single = differentiable.forward_kinematics(arm, torch.tensor(q, dtype=torch.float32))
    assert single.dtype == torch.float32
    np.testing.assert_allclose(single.numpy(), arm.forward_kinematics(q), atol=2e-5)


@pytest.mark.parametrize("batch", [(), (3,), (2, 3), (0,)])
def test_batch_axes(batch: tuple[int, ...]) -> None:
    for seed in (5, 6):
        arm = random_chain(seed, 4)
        q = np.random.default_rng(0).normal(size=(*batch, 4))
        x, T = torch.tensor(q), arm.forward_kinematics(q)
        assert differentiable.forward_kinematics(arm, x).shape == (*batch, 4, 4)
        assert differentiable.jacobian(arm, x).shape == (*batch, 6, 4)
        np.testing.assert_allclose(differentiable.forward_kinematics(arm, x).numpy(), T, atol=1e-14)
        for count in (2, 3):
            position = differentiable.tool_position(arm, x, count).numpy()
            np.testing.assert_allclose(position, T[..., :count, 3], atol=1e-14)
        np.testing.assert_allclose(differentiable.jacobian(arm, x).numpy(), arm.jacobian(q), atol=1e-14)


@pytest.mark.parametrize("name", ["planar3", "nao-left", "panda"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_gradients_of_catalog_arms(name: str, function: object) -> None:
    check_gradients(kv.load_arm(name), function)


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_gradients_of_random_chains(seed: int, dof: int) -> None:
    for function in FUNCTIONS:
        check_gradients(random_chain(seed, dof), function)


def check_gradients(arm: kv.Arm, function: object) -> None:
    q = torch.tensor(arm.sample(2, seed=1), requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: function(arm, x), q)  # type: ignore[operator]
    assert torch.autograd.gradgradcheck(lambda x: function(arm, x), q)  # type: ignore[operator]


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")  # torch.func's own use
@pytest.mark.parametrize("function", FUNCTIONS)
def test_vmap_and_forward_mode(function: object) -> None:
    arm = random_chain(8, 6)
    q = torch.tensor(arm.sample(5, seed=0))

    def f(x: torch.Tensor) -> torch.Tensor:
        return function(arm, x)  # type: ignore[operator]

    torch.testing.assert_close(torch.func.vmap(f)(q), f(q), rtol=0, atol=1e-14)
    forward, backward = torch.func.jacfwd(f)(q[0]), torch.func.jacrev(f)(q[0])
    torch.testing.assert_close(forward, backward, rtol=0, atol=1e-13)
    assert torch.func.hessian(f)(q[0]).shape == (*f(q[0]).shape, 6, 6)


def test_the_same_bits_every_time() -> None:
    arm = kv.load_arm("panda")
    q = torch.tensor(arm.sample(100, seed=0), dtype=torch.float32, requires_grad=True)
    first = differentiable.forward_kinematics(arm, q)
    (gradient,) = torch.autograd.grad(first.square().sum(), q)
    for _ in range(3):
        again = differentiable.forward_kinematics(arm, q)
        assert torch.equal(again, first)
        assert torch.equal(torch.autograd.grad(again.square().sum(), q)[0], gradient)


def test_half_precision_keeps_millimetres() -> None:
    arm = kv.planar_arm((0.004, 0.003))
    position = differentiable.tool_position(arm, torch.zeros(2, dtype=torch.bfloat16))
    assert position.dtype == torch.bfloat16
    assert position[0].item() == pytest.approx(0.007, rel=0.01)


def test_a_transposed_batch_gives_the_same() -> None:
    arm = kv.load_arm("panda")
    q = torch.tensor(arm.sample(12, seed=0)).reshape(3, 4, 7)
    T = differentiable.forward_kinematics(arm, q)
    swapped = differentiable.forward_kinematics(arm, q.transpose(0, 1))
    torch.testing.assert_close(swapped, T.transpose(0, 1), rtol=0, atol=0)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_malformed_joint_positions(function: object) -> None:
    arm = kv.load_arm("panda")
    for q, message in (
        (torch.zeros(6), r"arm 'panda' has 7 joints, got joint positions of shape \(6,\)"),
        (torch.tensor(0.0), r"got joint positions of shape \(\)"),
        (torch.zeros(7, dtype=torch.int64), "floating-point type, got torch.int64"),
    ):
        with pytest.raises(ShapeError, match=message):
            function(arm, q)  # type: ignore[operator]
