"""One module for each tool that tells of a host: what it printed, as figures. Pure: bytes in, figures out."""
