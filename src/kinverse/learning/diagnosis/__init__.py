"""Diagnosis: what went wrong in a training, from the run alone, with the evidence and the remedy."""
