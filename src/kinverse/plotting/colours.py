"""Okabe and Ito's palette ("Color Universal Design", 2008), which colour-blind readers tell apart.

Apart from `style`, so that the viewer has the same colours without loading matplotlib.
"""

BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PINK, BLACK, GREY = "#56B4E9", "#CC79A7", "#000000", "#6B6B6B"


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue from 0 to 255 of a colour such as "#0072B2"."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
