"""Overfitting, underfitting, early stopping."""
