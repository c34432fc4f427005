"""Study: every option of the workflow, tried on a small task."""
