"""Energy and power: properties of the arithmetic, and files as people and instruments write them."""
