"""The lessons, one package each; `kinverse.apps.course.lesson` says what is in them."""
