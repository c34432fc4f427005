"""Why averaging fails."""
