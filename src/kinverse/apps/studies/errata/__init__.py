"""Study 7: twelve claims of the teaching documents, quoted, each with an experiment that can refute or confirm it."""
