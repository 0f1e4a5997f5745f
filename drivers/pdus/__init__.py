"""Rack power distribution units, one module a maker."""
