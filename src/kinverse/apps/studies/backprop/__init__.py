"""Study 1, backprop by hand: four methods of computing a gradient, compared with published digits."""
