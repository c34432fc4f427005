"""Study: NAO's arms on ARKOMA."""
