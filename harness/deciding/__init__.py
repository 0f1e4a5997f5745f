"""Deciding under uncertainty: rules, probabilities and risks, sequential tests, demonstrations, repeated runs. Pure."""
