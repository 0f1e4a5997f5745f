"""Baseboard management controllers."""
