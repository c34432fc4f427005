"""The version, in its one home."""

VERSION = "0.1.0"
