"""One module per library, even if short. To add a library, add a module here and its class to the registry."""
