"""The colour-blind safe palette by Okabe and Ito ("Color Universal Design", 2008).

A module of its own, so that the viewer can use it without loading matplotlib.
"""

BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PINK, BLACK, GREY = "#56B4E9", "#CC79A7", "#000000", "#6B6B6B"


def rgb(colour: str) -> tuple[int, int, int]:
    """Convert a colour such as "#0072B2" to red, green and blue, each from 0 to 255."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
