"""Electrical power meters."""
