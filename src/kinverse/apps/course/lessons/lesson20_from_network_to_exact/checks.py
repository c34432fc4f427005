"""Checks of lesson 20."""

import numpy as np

from kinverse.apps.course.checking import Learner, expect, numbers, shown

LENGTHS = np.array([1.0, 0.8, 0.6])
WIDE = np.full(3, np.pi)


def check_the_step_is_the_smallest(learner: Learner, rng: np.random.Generator) -> None:
    """A damped step minimises the remaining error plus the penalty of the motion."""
    for damping in (0.01, 0.5):
        J, error = rng.normal(size=(2, 3)), rng.normal(size=2)
        dq = numbers(learner.call("damped_step", J, error, damping), "damped_step(J, error, damping)", (3,))
        left = np.linalg.norm(J @ dq - error) ** 2 + damping**2 * np.linalg.norm(dq) ** 2
        without = np.linalg.norm(error) ** 2
        expect(
            left < without + 1e-12,
            f"with your step ‖J dq − error‖² + λ²‖dq‖² is {shown(left)}, but without any step {shown(without)}: it "
            "leads away from the target. Is the error target minus tool, and the sign as in the formula?",
        )
        slope = J.T @ (J @ dq - error) + damping**2 * dq
        expect(
            np.linalg.norm(slope) < 1e-6,
            f"for λ = {damping} dq is not the minimum: the gradient of the sum is {shown(slope)}, but should be 0. Is "
            "λ squared, and is it added to J Jᵀ before solving?",
        )


def check_a_stretched_arm(learner: Learner, rng: np.random.Generator) -> None:
    """At a stretched arm the step is not too large."""
    q = np.array([rng.uniform(-1.0, 1.0), 0.0, 0.0])
    outwards = forward(q) / np.linalg.norm(forward(q))
    dq = numbers(learner.call("damped_step", jacobian(q), -0.1 * outwards, 0.1), "damped_step at a stretched arm", (3,))
    expect(
        np.linalg.norm(dq) < 1.0,
        "the arm is stretched, and the target is 0.1 m closer to its base: no small joint motion leads there, and "
        f"your step is {shown(float(np.linalg.norm(dq)))} rad long. Is the damping used?",
    )


def check_refine_arrives(learner: Learner, rng: np.random.Generator) -> None:
    """The tool reaches the target from a start near it."""
    for _ in range(3):
        goal = np.array([rng.uniform(-1.0, 1.0), rng.uniform(0.6, 1.4), rng.uniform(0.6, 1.4)])
        start, target = goal + rng.uniform(-0.2, 0.2, 3), forward(goal)
        q = _refined(learner, start, target, -WIDE, WIDE, 30)
        before, after = (float(np.linalg.norm(forward(place) - target)) for place in (start, q))
        expect(
            after < 1e-6,
            f"the start is {1e3 * before:.0f} mm from the target, and after 30 steps the tool is still "
            f"{1e3 * after:.3g} mm away: is the error recomputed, and the step added, in every iteration?",
        )

    for steps in (1, 2, 5):
        calls: list[int] = []

        def counted(q: np.ndarray, calls: list[int] = calls) -> np.ndarray:
            calls.append(1)
            return jacobian(q)

        learner.call("refine", forward, counted, np.zeros(3), np.array([-9.0, 3.0]), -WIDE, WIDE, steps)
        expect(
            len(calls) >= steps,
            f"of {steps} steps towards a target far away only {len(calls)} are taken: is the last one missing?",
        )


def check_inside_the_limits(learner: Learner, rng: np.random.Generator) -> None:
    """The joints stay inside their limits, and the tool still reaches a reachable target."""
    # The shortest path would bend the elbow beyond its limit.
    goal = np.array([rng.uniform(-0.5, 0.5), 1.0, 1.0])
    lower, upper = goal - np.array([1.0, 0.02, 1.0]), goal + np.array([1.0, 0.02, 1.0])
    start = goal + np.array([0.3, 0.0, -0.5])
    q = _refined(learner, start, forward(goal), lower, upper, 100)
    outside = np.maximum(lower - q, q - upper).max()
    expect(
        outside <= 1e-12,
        f"a joint is {shown(float(outside))} rad outside its limits at the end: are all joints clipped, at both "
        "limits, after each step?",
    )
    after = float(np.linalg.norm(forward(q) - forward(goal)))
    expect(
        after < 1e-6,
        f"the target can be reached inside the limits, but the tool is {1e3 * after:.3g} mm away at the end: if the "
        "joints are clipped only at the end, the search ignores the limits",
    )


def check_is_solution(learner: Learner, rng: np.random.Generator) -> None:
    """A solution is defined by the forward kinematics and the limits only."""
    q = rng.uniform(0.3, 1.0, 3)
    target, lower, upper = forward(q), q - 0.5, q + 0.5
    beside = target + 2e-3 * np.array([0.6, 0.8])
    corner = target + 0.9e-3 * np.array([1.0, -1.0])
    cases = (
        (q, target, lower, upper, True, "a q that reaches the target inside the limits is rejected"),
        (q, beside, lower, upper, False, "a tool 2 mm from the target is accepted with a tolerance of 1 mm"),
        (
            q,
            corner,
            lower,
            upper,
            False,
            "a tool 1.27 mm from the target, 0.9 mm in x and in y, is accepted with a "
            "tolerance of 1 mm: it is a distance",
        ),
        (q, target, q + 0.1, upper, False, "a joint 0.1 rad below its lower limit is accepted"),
        (q, target, lower, q - 0.1, False, "a joint 0.1 rad above its upper limit is accepted"),
        (np.full(3, np.nan), target, lower, upper, False, "NaN is accepted: every comparison with NaN is False"),
    )
    for place, goal, low, high, expected, fault in cases:
        got = learner.call("is_solution", forward, place, goal, low, high, 1e-3)
        expect(
            isinstance(got, bool | np.bool_),
            f"is_solution gives {shown(got)}, expected True or False",
        )
        expect(bool(got) is expected, fault)


def _refined(
    learner: Learner, q: np.ndarray, target: np.ndarray, lower: np.ndarray, upper: np.ndarray, steps: int
) -> np.ndarray:
    got = learner.call("refine", forward, jacobian, q, target, lower, upper, steps)
    return numbers(got, "refine(forward, jacobian, q, target, …)", (3,))


def forward(q: np.ndarray) -> np.ndarray:
    """Tool position of the planar arm [m]."""
    angles = np.cumsum(q)
    return np.array([LENGTHS @ np.cos(angles), LENGTHS @ np.sin(angles)])


def jacobian(q: np.ndarray) -> np.ndarray:
    """Its derivative with respect to the joints [m/rad]."""
    angles = np.cumsum(q)
    ends = np.stack([-LENGTHS * np.sin(angles), LENGTHS * np.cos(angles)])
    return np.cumsum(ends[:, ::-1], axis=1)[:, ::-1]
