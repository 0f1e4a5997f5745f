"""Evidence that others can check: the station's signature, its ledger of runs, bundles, and what verifies them."""
