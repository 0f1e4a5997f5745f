"""Network switches."""
