"""Studies: published results run again, corrected and diagnosed. `kinverse study` runs them."""
