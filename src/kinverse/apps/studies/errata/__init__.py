"""Study 7: thirteen claims of the teaching material, each with an experiment that can refute it."""
