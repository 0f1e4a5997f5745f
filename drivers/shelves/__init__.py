"""Power shelves: rectifiers that feed a rack's busbar."""
