"""Coolant distribution units."""
