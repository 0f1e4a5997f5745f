"""Reports: each a pure function of a `harness.run.Run`; no file, clock, device or network."""
