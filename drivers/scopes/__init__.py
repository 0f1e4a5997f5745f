"""Oscilloscopes and waveform recorders: what is too fast for a meter."""
