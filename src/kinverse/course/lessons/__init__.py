"""The lessons, one package each; `kinverse.course.lesson` says what is in them."""
