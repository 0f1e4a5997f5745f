"""The harness: what a rack must be, what was measured, and what follows from it."""
