"""The lessons, one package each; `kinverse.apps.course.lesson` describes their files."""
