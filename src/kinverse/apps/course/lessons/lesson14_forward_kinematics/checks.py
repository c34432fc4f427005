"""Checks of lesson 14."""

import numpy as np

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown


def check_straight_arm(learner: Learner, rng: np.random.Generator) -> None:
    """A straight arm is as long as its links, in the direction of its first joint."""
    lengths = rng.uniform(0.5, 1.5, 3)
    total = lengths.sum()
    got = _forward(learner, np.zeros(3), lengths)
    expect(
        not close(got, [0.0, total], 1e-6),
        f"at angles 0 the tool is at {shown(got)}, on the y axis: does x use the sine or the cosine?",
    )
    expect(
        close(got, [total, 0.0], 1e-6),
        f"links of {shown(lengths)} m at angles 0 lie along the x axis, but the tool is at {shown(got)}: do all links "
        "count, with their lengths?",
    )
    turn = rng.uniform(0.4, 1.2)
    got = _forward(learner, np.array([turn, 0.0, 0.0]), lengths)
    direction = np.array([np.cos(turn), np.sin(turn)])
    degrees = np.array([np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))])
    expect(
        not close(got, total * degrees, 1e-4),
        f"a turn of the first joint by {shown(turn)} rad has the effect of {shown(turn)} degrees: NumPy's sine takes "
        "radians, and q is in radians",
    )
    expect(
        not close(got, lengths[0] * direction + [lengths[1] + lengths[2], 0.0], 1e-4),
        "when the first joint turns, the links after it keep their direction: an angle is measured from the link "
        "before it, so which angle do those links turn by?",
    )
    expect(
        not close(got, (lengths[0] + lengths[1]) * direction + [lengths[2], 0.0], 1e-4),
        "when the first joint turns, the second link turns with it, but the third does not: all joints before a link "
        "turn it",
    )
    expect(
        not close(got, total * direction * [1.0, -1.0], 1e-4),
        "a positive angle turns the arm clockwise: y has the wrong sign",
    )
    expect(
        close(got, total * direction, 1e-6),
        f"the tool of a straight arm turned by {shown(turn)} rad at its base is at {shown(total * direction)}, but "
        f"forward gives {shown(got)}",
    )


def check_bent_arm(learner: Learner, rng: np.random.Generator) -> None:
    """The angles of a bent arm are summed along it."""
    lengths, q = rng.uniform(0.5, 1.5, 3), rng.uniform(0.3, 0.9, 3) * rng.permutation([-1.0, 1.0, -1.0])
    got, true = _forward(learner, q, lengths), _tool(q, lengths)
    expect(
        not close(got, _tool(np.abs(q), lengths), 1e-4),
        "a negative angle turns the arm like a positive one: where is its sign lost?",
    )
    expect(
        not close(got, _tool(q, lengths[::-1]), 1e-4),
        "the lengths are in the wrong order: the first link is at the base",
    )
    expect(
        close(got, true, 1e-6),
        f"for angles {shown(q)} and links {shown(lengths)} the tool is at {shown(true)}, but forward gives "
        f"{shown(got)}",
    )


def check_any_arm_any_batch(learner: Learner, rng: np.random.Generator) -> None:
    """The forward kinematics take any number of links, and batches of any shape."""
    for joints in (1, 2, 5):
        lengths, q = rng.uniform(0.5, 1.5, joints), rng.uniform(-1.5, 1.5, joints)
        got = _forward(learner, q, lengths)
        expect(
            close(got, _tool(q, lengths), 1e-6),
            f"an arm of {joints} link{'s' if joints > 1 else ''} has its tool at {shown(_tool(q, lengths))}, but "
            f"forward gives {shown(got)}: is the number of links fixed in the code?",
        )
    lengths = rng.uniform(0.5, 1.5, 3)
    for batch in ((6,), (3,), (2, 4)):
        q = rng.uniform(-1.5, 1.5, (*batch, 3))
        got = _forward(learner, q, lengths)
        expect(
            close(got, _tool(q, lengths), 1e-6),
            f"of angles of the shape {q.shape} the first row is {shown(q.reshape(-1, 3)[0])}, and its tool is "
            f"{shown(got.reshape(-1, 2)[0])}, although it was correct without the batch: which axis do the sums use?",
        )


def check_jacobian(learner: Learner, rng: np.random.Generator) -> None:
    """The Jacobian is the derivative of the tool position."""
    lengths, q = rng.uniform(0.5, 1.5, 3), rng.uniform(0.2, 0.7, 3)
    got, true = _jacobian(learner, q, lengths), _derivative(q, lengths)
    direction = np.cumsum(q)
    own = np.stack([-lengths * np.sin(direction), lengths * np.cos(direction)])
    expect(
        not close(got, own, 1e-4),
        "every column contains its own link only: a joint moves all links from its own to the last",
    )
    expect(
        not close(got, np.cumsum(own, axis=1), 1e-4),
        "a column contains the links from the base to its joint: those do not move when the joint turns; the others do",
    )
    expect(
        not close(got, true * [[-1.0], [1.0]], 1e-4) and not close(got, -true, 1e-4),
        f"a small positive turn of joint 1 moves the tool in x by {shown(true[0, 0])} m per rad, but the Jacobian has "
        f"{shown(got[0, 0])}: what is the derivative of a cosine?",
    )
    expect(not close(got, true[::-1], 1e-4), "the rows are swapped: ∂x/∂θ comes first")
    expect(not close(got, np.deg2rad(1.0) * true, 1e-4), "the Jacobian is per degree: it must be in metres per radian")
    worst = np.unravel_index(int(np.abs(got - true).argmax()), true.shape)
    expect(
        close(got, true, 1e-3),
        f"a small turn of joint {worst[1] + 1} moves the tool in {'xy'[worst[0]]} by {shown(true[worst])} m per rad, "
        f"but the Jacobian has {shown(got[worst])}",
    )


def check_jacobian_of_batches(learner: Learner, rng: np.random.Generator) -> None:
    """The Jacobian of a batch is the Jacobian of each row."""
    for joints, batch in ((3, (5,)), (4, (2, 3)), (3, (3,)), (1, (2,))):
        lengths, q = rng.uniform(0.5, 1.5, joints), rng.uniform(-1.5, 1.5, (*batch, joints))
        got = _jacobian(learner, q, lengths)
        rows = q.reshape(-1, joints)
        wanted = np.array([_derivative(row, lengths) for row in rows]).reshape(*batch, 2, joints)
        expect(
            close(got, wanted, 1e-3),
            f"for angles of the shape {q.shape} the Jacobian of some rows differs from their Jacobian without the "
            "batch: which axis do the sums use?",
        )


def check_reach(learner: Learner, rng: np.random.Generator) -> None:
    """The reach is correct for equal links, for one long link, and in any order."""
    arms = ([1.0, 1.0, 1.0], [0.8, 0.7], [3.0, 1.0, 0.5], [0.4, 0.3, 2.0, 0.2], [0.5, 1.0, 3.0], [0.6])
    for lengths in arms:
        links = np.array(lengths) * rng.uniform(0.8, 1.2)
        pair = learner.call("reach", links)
        expect(
            isinstance(pair, tuple | list) and len(pair) == 2,
            f"reach gives {shown(pair)}, expected two numbers, the smallest and the largest distance",
        )
        near, far = (float(numbers(value, "reach(lengths)", ())) for value in pair)
        expect(
            close(far, links.sum(), 1e-6),
            f"links of {shown(links)} m have a largest reach of {shown(links.sum())} m, but reach gives {shown(far)}",
        )
        true = max(0.0, 2.0 * links.max() - links.sum())
        expect(
            near >= -1e-9,
            f"for links of {shown(links)} m the smallest distance is {shown(near)}: a distance is at least 0",
        )
        seen = f"for links of {shown(links)} m reach gives the smallest distance {shown(near)}"
        expect(
            not (near < true - 1e-6),
            f"{seen}: can the short links fold back over the whole longest link?",
        )
        expect(
            not (near > true + 1e-6),
            f"{seen}, but the arm can fold to a smaller distance: which link decides?",
        )


def _tool(q: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    direction = np.cumsum(q, axis=-1)
    return np.stack([(lengths * np.cos(direction)).sum(axis=-1), (lengths * np.sin(direction)).sum(axis=-1)], axis=-1)


def _derivative(q: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The Jacobian of one row by central differences, accurate to eight digits here."""
    step = 1e-5
    moves = step * np.eye(len(q))
    return np.stack([(_tool(q + move, lengths) - _tool(q - move, lengths)) / (2.0 * step) for move in moves], axis=-1)


def _forward(learner: Learner, q: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    return numbers(learner.call("forward", q, lengths), f"forward of angles {q.shape}", (*q.shape[:-1], 2))


def _jacobian(learner: Learner, q: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    shape = (*q.shape[:-1], 2, q.shape[-1])
    return numbers(learner.call("jacobian", q, lengths), f"jacobian of angles {q.shape}", shape)
