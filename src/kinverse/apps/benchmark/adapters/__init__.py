"""One file for each library, however short: to add a library, add a file here and its class to the registry."""
