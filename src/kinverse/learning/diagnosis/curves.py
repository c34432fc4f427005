"""Faults in the two loss curves: diverging, oscillating, still falling, overfitting."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kinverse.learning.diagnosis.facts import Facts
from kinverse.learning.diagnosis.finding import Finding, number, percent, setting

DIVERGED = 1.5
"""Multiple of the untrained network's loss, or the constant answer's: an end above it is worse than no training."""
MOVED = 0.5
"""Total variation of log loss: below it, the steps were small."""
FAR_ABOVE_BEST, LOST = 10.0, 0.5
"""Multiples of its own best level, and of the constant answer's loss: what was learned is lost."""
WORSE = 1.2
"""Multiple of the untrained network's loss: above it, the steps went in the wrong direction."""
NO_BETTER = 0.9
"""Multiple of the untrained network's loss, or the constant answer's: above it, nothing was learned."""
JUMP = 0.3
"""Distance of log loss from its running median that one epoch in twenty exceeds: jumps by a third of the loss. In the
bank, training in batches, with dropout and at a suitable constant rate stays below 0.17."""
LEVEL_LOST = 2.0
"""Ratio of the final level to the best one: above it, more than the noise of batches."""
TAIL = 3
"""Jumps are checked in the last third of the epochs: a training may be unsteady at first."""
LAST = 5
"""The last fifth of the epochs tells whether a loss still falls: long enough to tell from noise."""
PACE = 0.4
"""Speed of the last fifth relative to the whole training: a training that settles has slowed down to less."""
FALL_AT_PACE, FALL_SLOWING = 0.05, 0.2
"""Share of the loss that twice the epochs would take away, at the last speed and while slowing down."""
CLEAR = 3.0
"""Ratio of the fall of log loss to its scatter."""
FOLLOWS = 0.5
"""Ratio of the fall of the validation loss to that of the training loss: with less, more epochs fit the training rows
only."""
SMALL_LOSS = 0.05
"""Ratio to the constant answer's loss: below it, further falls hardly matter."""
TELLING = 0.02
"""Ratio of the validation loss to the constant answer's: below it, a rise or a gap does not matter."""
RATE_IS_GONE = 0.1
"""Ratio to the largest learning rate: below it, the schedule ended the training on purpose."""
RISE = 0.15
"""Relative rise of the validation loss above its lowest level: at most 0.11 in the bank without overfitting."""
GAP = 2.0
"""Ratio of validation to training loss on the same weights: 1.0 to 1.3 in most healthy runs of the bank; what comes
near 2 there is so good that neither loss matters."""
GAP_CHANCE = 0.02
"""p-value of equal losses on both splits (Mann and Whitney 1947)."""
TRIVIAL = 1e-4
"""Ratio to the reference loss: jumps below it do not matter."""
MIN_EPOCHS = 10
"""Epochs that show a trend."""


def smoothed(values: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Running median over a fortieth of the curve, at least three epochs: spikes leave no trace, steps stay."""
    from scipy.ndimage import median_filter

    smooth: Float[np.ndarray, " n"] = median_filter(values, max(3, len(values) // 40) | 1, mode="mirror")
    return smooth


def end_level(values: Float[np.ndarray, " n"]) -> float:
    """Median of the last twentieth."""
    return float(np.median(values[-max(3, len(values) // 20) :]))


def jumpiness(train: Float[np.ndarray, " n"]) -> float:
    """95th percentile of the distance of log loss from its running median, over the last third of the epochs."""
    tail = -max(4, len(train) // TAIL)
    stray = np.abs(_log(train)[tail:] - _log(smoothed(train))[tail:])
    return float(np.percentile(stray, 95))


@dataclass(frozen=True)
class Trend:
    """The fall of a loss at the end of its training.

    Attributes:
        fall: share of the loss that the last fifth of the epochs took away.
        pace: ratio of the speed of that fall (in log loss) to the mean speed of the whole training.
        on: share of the loss that twice the epochs would take away at the speed of the last fifth.
        twice: the same, if the loss continues as a power of the epoch, which slows down.
        clear: ratio of the fall to the scatter about its line.
    """

    fall: float
    pace: float
    on: float
    twice: float
    clear: float


def trend(loss: Float[np.ndarray, " n"]) -> Trend:
    """Fit a line to log loss over the last fifth of the epochs."""
    y = _log(loss[-max(4, len(loss) // LAST) :])
    x = np.arange(len(y))
    slope, start = np.polyfit(x, y, 1)
    scatter = float((y - start - slope * x).std())
    whole = (_log(loss[:1])[0] - y[-1]) / (len(loss) - 1)
    # Loss ~ epoch^−p has the slope −p in log epoch, and twice the epochs multiply it by 2^−p.
    power = -slope * len(y) / math.log(len(loss) / (len(loss) - len(y)))
    return Trend(
        fall=float(1.0 - np.exp(min(slope * len(y), 50.0))),
        pace=float(-slope / whole) if whole > 0.0 else 0.0,
        on=float(1.0 - np.exp(min(slope * len(loss), 50.0))),
        twice=1.0 - 2.0 ** -max(min(power, 50.0), -50.0),
        clear=float(-slope * len(y) / max(scatter, 1e-12)),
    )


def _log(values: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    return np.log(np.maximum(values, 1e-300))


def diverging(facts: Facts) -> Finding | None:
    """The loss grew beyond all that it had reached, or became NaN or inf."""
    train, rate = facts.train, facts.config.optimiser.learning_rate
    remedy = f"learning_rate={setting(rate / 10)}"
    if facts.config.optimiser.clip_gradient is None:
        remedy += ", or clip_gradient=1"
    if facts.trained.status == "failed":
        last, first = float(train[-1]), float(train[0])
        evidence = (
            f"After epoch {len(train) - 1} the loss was NaN or inf. The last finite training loss is {number(last)}, "
            f"the untrained network's {number(first)}, at learning rate {number(rate)}."
        )
        return Finding("diverging", evidence, remedy, {"last": last, "first": first})
    if len(train) < MIN_EPOCHS:
        return None
    end, best = end_level(train), float(smoothed(train).min())
    if train.max() > WORSE * train[0] and end > NO_BETTER * max(train[0], facts.reference):
        evidence = (
            f"The training loss went from {number(float(train[0]))} up to {number(float(train.max()))} and ends at "
            f"{number(end)}: nothing was learned (the constant answer gets {number(facts.reference)})."
        )
        return Finding("diverging", evidence, remedy, {"end": end, "best": best, "first": float(train[0])})
    variation = np.abs(np.diff(_log(train))).sum()
    if end > DIVERGED * facts.reference and variation > MOVED and trend(train).fall < FALL_AT_PACE:
        evidence = (
            f"The training loss ends at {number(end)} and no longer falls, {number(end / facts.reference)} times "
            f"the loss of the constant answer, {number(facts.reference)}."
        )
        return Finding("diverging", evidence, remedy, {"end": end, "best": best, "first": float(train[0])})
    lost = end > FAR_ABOVE_BEST * best and end > LOST * facts.reference
    if end <= DIVERGED * train[0] and not lost:
        return None
    at = int(smoothed(train).argmin())
    evidence = (
        f"The training loss ends at {number(end)}; it was {number(float(train[0]))} untrained and {number(best)} at "
        f"epoch {at}."
    )
    return Finding("diverging", evidence, remedy, {"end": end, "best": best, "first": float(train[0])})


def oscillating(facts: Facts) -> Finding | None:
    """The loss jumps from epoch to epoch, or ends well above its own best level."""
    train = facts.train
    end, best, jump = end_level(train), float(smoothed(train).min()), jumpiness(train)
    if end < TRIVIAL * facts.reference or (jump <= JUMP and end <= LEVEL_LOST * best):
        return None
    parts = []
    if jump > JUMP:
        parts.append(
            f"In the last third of the epochs the training loss jumps: one epoch in twenty is off its running median "
            f"by a factor of {number(math.exp(jump))} or more."
        )
    if end > LEVEL_LOST * best:
        parts.append(f"It ends at {number(end)}, {number(end / best)} times its best level {number(best)}.")
    rate = facts.config.optimiser.learning_rate
    remedy = f"learning_rate={setting(rate / 3)} to {setting(rate / 10)}"
    if facts.config.optimiser.schedule not in ("cosine", "one_cycle"):
        remedy += ", or schedule=cosine, which ends at rate 0"
    return Finding("oscillating", " ".join(parts), remedy, {"jump": jump, "end": end, "best": best})


def still_falling(facts: Facts) -> Finding | None:
    """The loss still falls, and neither the schedule nor the validation loss ended that."""
    if "validation" in facts.trained.stopped or facts.rates[-1] < RATE_IS_GONE * facts.rates.max():
        return None
    train, validation = trend(facts.train), trend(facts.validation)
    # Tiny steps take little away however many there are.
    unbegun = facts.train[-1] > NO_BETTER * max(facts.train[0], facts.reference)
    at_pace = train.pace >= PACE and (train.on >= FALL_AT_PACE or unbegun)
    slowing = train.twice >= FALL_SLOWING and end_level(facts.train) >= SMALL_LOSS * facts.reference
    if train.clear < CLEAR or not (at_pace or slowing):
        return None
    clause = f"and the validation loss by {percent(validation.fall)}"
    if validation.fall < FOLLOWS * train.fall:
        if not _is_undecided(facts):
            return None
        clause = f"while {len(facts.validation_rows)} validation rows are too few to follow"
    epochs, rate = len(facts.train) - 1, facts.config.optimiser.learning_rate
    evidence = (
        f"In the last fifth of its {epochs} epochs the training loss fell by {percent(train.fall)} to "
        f"{number(float(facts.train[-1]))}, at {percent(train.pace)} of the mean pace of the whole training, {clause}."
    )
    if facts.trained.status != "finished":
        remedy = "resume it: it has not finished"
    else:
        remedy = f"learning_rate={setting(rate * (10.0 if at_pace else 3.0))}"
        remedy += f" or epochs={3 * epochs}" if train.on >= FALL_AT_PACE else "; with these steps more epochs do little"
    return Finding("still falling", evidence, remedy, {"fall": train.fall, "pace": train.pace, "on": train.on})


def _is_undecided(facts: Facts) -> bool:
    """Whether the validation loss is as low as the training loss and changed by less than its standard error."""
    if facts.dataset is None or facts.validation[-1] > GAP * facts.train[-1]:
        return False
    change = smoothed(facts.validation)[-max(4, len(facts.validation) // LAST) :]
    return float(np.ptp(change)) <= facts.validation_rows.standard_error


def overfitting(facts: Facts) -> Finding | None:
    """The validation loss rises while the training loss falls, or lies far above it."""
    validation, train = smoothed(facts.validation), smoothed(facts.train)
    best, at = int(validation.argmin()), int(facts.validation.argmin())
    rise, fall = float(validation[-1] / validation[best] - 1.0), float(1.0 - train[-1] / train[best])
    noise = float(np.std(_log(facts.validation[best:]) - _log(validation[best:])))
    is_clear = rise > max(RISE, 3.0 * noise) and validation[-1] > TELLING * facts.reference
    if is_clear and facts.dataset is not None:  # with few rows the rise may be chance
        is_clear = validation[-1] - validation[best] > facts.validation_rows.standard_error
    if is_clear and fall > 0.0:
        evidence = (
            f"The validation loss is lowest at epoch {at}, {number(float(facts.validation[at]))}, and then rises by "
            f"{percent(rise)} while the training loss falls by another {percent(fall)}."
        )
        return Finding("overfitting", evidence, _when_to_stop(facts, at), {"epoch": at, "rise": rise, "fall": fall})
    if facts.dataset is None:
        return None
    return _gap(facts, at)


def _gap(facts: Facts, at: int) -> Finding | None:
    """A gap that more rows would close."""
    from scipy.stats import mannwhitneyu

    train, validation = facts.train_rows.losses, facts.validation_rows.losses
    low, high = float(train.mean()), float(validation.mean())
    if high < max(GAP * low, TELLING * facts.reference):
        return None
    chance = float(mannwhitneyu(train, validation, alternative="less").pvalue)
    if chance > GAP_CHANCE:
        return None
    evidence = (
        f"On the same weights (epoch {facts.kept_epoch}) the validation loss {number(high)} is {number(high / low)} "
        f"times the training loss {number(low)}; the probability of that by chance is {chance:.0e}."
    )
    return Finding("overfitting", evidence, _when_to_stop(facts, at), {"epoch": at, "gap": high / low})


def _when_to_stop(facts: Facts, at: int) -> str:
    patience = max(10, round(0.1 * at))
    stop = f"stop at epoch {at} (epochs={max(at, 1)}, or patience={patience})"
    if facts.config.keep_best:
        stop = f"the weights of epoch {at} are kept; epochs={max(at, 1)} or patience={patience} saves the later ones"
    return f"{stop}; to get lower: more rows, fewer hidden units, weight_decay=0.001 or dropout=0.1"
