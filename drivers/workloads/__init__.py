"""Workloads on hosts: what to start, and how to read what it says."""
