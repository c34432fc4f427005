"""The figures of the lessons, drawn when a lesson is read."""
