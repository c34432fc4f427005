"""From network to exact."""
