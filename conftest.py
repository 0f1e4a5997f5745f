"""The harness is a pytest plugin; without --rack it does nothing."""

pytest_plugins = ["harness.plugin"]
