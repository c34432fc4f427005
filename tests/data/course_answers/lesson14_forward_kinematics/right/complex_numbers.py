# Points of the plane as complex numbers; the Jacobian as i times the way from a joint to the tool.
import numpy as np


def _links(q, lengths):
    return lengths * np.exp(1j * np.cumsum(q, axis=-1))


def forward(q, lengths):
    tool = _links(q, lengths).sum(axis=-1)
    return np.stack([tool.real, tool.imag], axis=-1)


def jacobian(q, lengths):
    links = _links(q, lengths)
    behind = np.cumsum(links, axis=-1)
    way = behind[..., -1:] - behind + links
    return np.stack([(1j * way).real, (1j * way).imag], axis=-2)


def reach(lengths):
    ordered = sorted(lengths, reverse=True)
    return max(ordered[0] - sum(ordered[1:]), 0), sum(ordered)
