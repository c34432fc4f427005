"""Studies: published results run again, corrected and diagnosed. `kinverse study` is the way in."""
