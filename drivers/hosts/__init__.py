"""Hosts: the operating system that runs on a tray."""
