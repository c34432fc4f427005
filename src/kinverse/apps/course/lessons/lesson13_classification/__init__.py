"""Classification, decision regions, and the double softmax."""
