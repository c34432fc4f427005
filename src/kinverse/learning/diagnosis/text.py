"""How numbers are written in evidence and remedies."""

from __future__ import annotations


def number(value: float) -> str:
    """Three significant digits, with a real minus sign."""
    return f"{value:.3g}".replace("-", "−")


def setting(value: float) -> str:
    """Two significant digits, as a setting can be typed."""
    return f"{float(f'{value:.2g}'):g}"


def percent(share: float) -> str:
    """A share in percent, with two significant digits."""
    return f"{100.0 * share:.0f} %" if share >= 0.1 else f"{100.0 * share:.2g} %"
