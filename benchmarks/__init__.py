"""The figures that the project claims, measured side by side: `python -m benchmarks`."""
