"""Study: the published models of a planar arm."""
