"""Study: claims of the teaching material, tested."""
