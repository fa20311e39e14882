"""Ours beside the public peers: the same work, the same machine, one run. Not part of the tests."""
