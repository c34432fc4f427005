"""What tests of several folders share; imported as `tests.support.…`."""
