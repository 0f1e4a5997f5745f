"""Wire knowledge: what instruments and racks answer, and in which units. Nothing here judges."""
