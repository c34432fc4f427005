"""The forward pass of a network compiled with Numba: float32, one core, no dependence on torch.

Rows are independent and come in blocks of `LANES`, one row per lane, so that the compiler turns every inner loop into
SIMD instructions. The remaining rows are processed one by one, with the outputs of a layer as lanes. Both paths
multiply and add in the order of the inputs and round at the same places, so a row has the same bits whatever else is in
the batch; `tests/network/test_compiled.py` checks that, and the values against torch.
"""

from __future__ import annotations

import math

import numpy as np

from kinverse.compiling import kept_on_disk

LANES = 128
"""Rows per block; enough that the checks before an inner loop cost little."""
MIN_ROWS_OF_BLOCK = 48
"""Fewer rows than this are faster one by one than as a mostly empty block."""
TILE = 4
"""Inputs and outputs whose weights an inner loop keeps in registers; inputs are padded with zeros to a multiple."""
PANEL = 64
"""Outputs that the loop for one row handles at a time; outputs are padded with zeros to a multiple."""

ACTIVATIONS = ("linear", "relu", "leaky_relu", "sigmoid", "tanh", "silu", "softmax")
"""Names of the activations; a plan holds their indices."""
_RELU, _LEAKY_RELU, _SIGMOID, _TANH, _SILU, _SOFTMAX = range(1, 7)

_compiled = kept_on_disk(nogil=True, error_model="numpy", fastmath={"contract"})

# Literals would be doubles, and the whole expression with them.
_ONE, _TWO, _HALF, _ZERO, _LEAK = map(np.float32, (1.0, 2.0, 0.5, 0.0, 0.01))
_SMALLEST, _LARGEST = np.float32(-87.0), np.float32(88.0)  # exp stays inside the normal range of float32
_LOG2_E = np.float32(math.log2(math.e))
_ROUND = np.float32(12582912.0)  # adding and subtracting 1.5 · 2^23 rounds to the nearest whole number
_LN2_HIGH, _LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_P0, _P1, _P2 = map(np.float32, (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3))
_P3, _P4, _P5 = map(np.float32, (4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1))
_EXPONENT_BIAS, _EXPONENT_UNIT = np.float32(127.0), np.float32(2.0**23)


@_compiled
def exponential(x):  # type: ignore[no-untyped-def]
    """Exponential to 2e-7 of its value, of x brought into [−87, 88]; the polynomial is that of Cephes (Moshier 1992).

    The compiler vectorises this; a call to the C library's expf would force one lane at a time.
    """
    x = x if x > _SMALLEST else _SMALLEST
    x = x if x < _LARGEST else _LARGEST
    k = (x * _LOG2_E + _ROUND) - _ROUND
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    p = ((((_P0 * r + _P1) * r + _P2) * r + _P3) * r + _P4) * r + _P5
    power = np.int32((k + _EXPONENT_BIAS) * _EXPONENT_UNIT).view(np.float32)  # 2^k, written into the bits of a float
    return ((p * (r * r) + r) + _ONE) * power


@_compiled
def activate(values, kind):  # type: ignore[no-untyped-def]
    """Apply the activation with index `kind` to values (n,), in place; not softmax, which mixes the outputs."""
    if kind == _RELU:
        for i in range(len(values)):
            values[i] = values[i] if values[i] > _ZERO else _ZERO
    elif kind == _LEAKY_RELU:
        for i in range(len(values)):
            values[i] = values[i] if values[i] > _ZERO else values[i] * _LEAK
    elif kind == _SIGMOID:
        for i in range(len(values)):
            values[i] = _ONE / (_ONE + exponential(-values[i]))
    elif kind == _TANH:
        for i in range(len(values)):
            values[i] = _ONE - _TWO / (exponential(_TWO * values[i]) + _ONE)
    elif kind == _SILU:
        for i in range(len(values)):  # below −87 the result is 0 in float32 and must stay 0
            x = values[i] if values[i] > _SMALLEST else _SMALLEST
            values[i] = x / (_ONE + exponential(-x))


@_compiled
def _softmax(values, count, lanes):  # type: ignore[no-untyped-def]
    """Probabilities over `count` outputs, in place; values are (count · lanes,), outputs first."""
    for lane in range(lanes):
        largest = values[lane]
        for j in range(1, count):
            largest = max(largest, values[j * lanes + lane])
        total = _ZERO
        for j in range(count):
            values[j * lanes + lane] = exponential(values[j * lanes + lane] - largest)
            total += values[j * lanes + lane]
        for j in range(count):
            values[j * lanes + lane] /= total


@_compiled
def _dense_block(x, y, weights, fan_in, fan_out):  # type: ignore[no-untyped-def]
    """Y ← weightsᵀ · x + bias for a block, (inputs, LANES) to (outputs, LANES); the last row of weights is the bias."""
    for j in range(0, fan_out, TILE):
        y0, y1, y2, y3 = y[j], y[j + 1], y[j + 2], y[j + 3]
        bias = weights[fan_in, j : j + TILE]
        for lane in range(LANES):
            y0[lane], y1[lane], y2[lane], y3[lane] = bias[0], bias[1], bias[2], bias[3]
        for i in range(0, fan_in, TILE):
            x0, x1, x2, x3 = x[i], x[i + 1], x[i + 2], x[i + 3]
            a, b, c, d = weights[i], weights[i + 1], weights[i + 2], weights[i + 3]
            a0, a1, a2, a3 = a[j], a[j + 1], a[j + 2], a[j + 3]
            b0, b1, b2, b3 = b[j], b[j + 1], b[j + 2], b[j + 3]
            c0, c1, c2, c3 = c[j], c[j + 1], c[j + 2], c[j + 3]
            d0, d1, d2, d3 = d[j], d[j + 1], d[j + 2], d[j + 3]
            for lane in range(LANES):
                u, v, w, z = x0[lane], x1[lane], x2[lane], x3[lane]
                y0[lane] = y0[lane] + a0 * u + b0 * v + c0 * w + d0 * z
                y1[lane] = y1[lane] + a1 * u + b1 * v + c1 * w + d1 * z
                y2[lane] = y2[lane] + a2 * u + b2 * v + c2 * w + d2 * z
                y3[lane] = y3[lane] + a3 * u + b3 * v + c3 * w + d3 * z


@_compiled
def _dense_row(x, y, weights, fan_in, fan_out):  # type: ignore[no-untyped-def]
    """As `_dense_block`, for one row: (inputs,) to (outputs,)."""
    for j in range(fan_out):
        y[j] = weights[fan_in, j]
    for i in range(0, fan_in, TILE):
        u, v, w, z = x[i], x[i + 1], x[i + 2], x[i + 3]
        a, b, c, d = weights[i], weights[i + 1], weights[i + 2], weights[i + 3]
        for j in range(fan_out):
            y[j] = y[j] + a[j] * u + b[j] * v + c[j] * w + d[j] * z


@_compiled
def _load(inputs, scaling, x, lanes):  # type: ignore[no-untyped-def]
    """Scaled inputs (rows, i) into x (i · lanes,), inputs first; False if one of them is not finite."""
    rows, columns = inputs.shape
    finite = True
    for i in range(_padded(columns, TILE)):
        for lane in range(lanes):
            value = (inputs[lane, i] - scaling[0, i]) / scaling[1, i] if i < columns and lane < rows else 0.0
            finite &= abs(value) < np.inf
            x[i * lanes + lane] = value
    return finite


@_compiled
def _finish(raw, bent, ending, predictions, lanes):  # type: ignore[no-untyped-def]
    """Raw outputs (c · lanes,) to joint positions (rows, c); in float64, so that the limits hold exactly."""
    rows, columns = predictions.shape
    for k in range(columns * lanes):
        bent[k] = raw[k]
    activate(bent[: columns * lanes], _TANH)
    for j in range(columns):
        shift, scale, lower, upper = ending[0, j], ending[1, j], ending[2, j], ending[3, j]
        y = bent if ending[4, j] else raw
        for lane in range(rows):
            predictions[lane, j] = min(max(shift + scale * y[j * lanes + lane], lower), upper)


@_compiled
def _layers(plan, weights, x, y, lanes):  # type: ignore[no-untyped-def]
    """All layers on x (i · lanes,); returns the buffer of the outputs, then the other one."""
    for layer in range(len(plan)):
        fan_in, fan_out, start, kind = plan[layer, 0], plan[layer, 1], plan[layer, 2], plan[layer, 3]
        height, padded = _padded(fan_in, TILE) + 1, _padded(fan_out, PANEL)
        matrix = weights[start : start + height * padded].reshape(height, padded)
        if lanes == LANES:
            _dense_block(x.reshape(-1, LANES), y.reshape(-1, LANES), matrix, height - 1, fan_out)
        else:
            _dense_row(x, y, matrix, height - 1, padded)
        if kind == _SOFTMAX:
            _softmax(y, fan_out, lanes)
        else:
            activate(y[: fan_out * lanes], kind)
        x, y = y, x
    return x, y


@_compiled
def _padded(count, multiple):  # type: ignore[no-untyped-def]
    return (count + multiple - 1) // multiple * multiple


@_compiled
def predict(plan, scaling, ending, weights, inputs, predictions):  # type: ignore[no-untyped-def]
    """Write the network's outputs for every row of `inputs` into `predictions`.

    Args:
        plan: (layers, 4) int64: inputs, outputs, offset of the weights, and index of the activation of each layer.
        scaling: (2, i) shift and scale of the inputs.
        ending: (5, c) shift and scale of the outputs, their lower and upper limits, and 1 for outputs with a tanh.
        weights: float32, layer by layer: (inputs padded to TILE, plus 1; outputs padded to PANEL); last row the bias.
        inputs: (n, i) float64.
        predictions: (n, c) float64, output.

    Returns:
        The first row of the block with a non-finite input, where this stopped; −1: none.
    """
    rows, width = len(inputs), 0
    most = LANES if rows >= MIN_ROWS_OF_BLOCK else 1
    for layer in range(len(plan)):
        width = max(width, _padded(plan[layer, 0], PANEL) * most, _padded(plan[layer, 1], PANEL) * most)
    x, y = np.zeros(width, np.float32), np.zeros(width, np.float32)
    first = 0
    while first < rows:
        lanes = most if rows - first >= MIN_ROWS_OF_BLOCK else 1
        last = min(first + lanes, rows)
        if not _load(inputs[first:last], scaling, x, lanes):
            return first
        raw, other = _layers(plan, weights, x, y, lanes)
        _finish(raw, other, ending, predictions[first:last], lanes)
        first = last
    return -1
