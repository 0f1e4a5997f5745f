"""Run the emulator: `python -m harness.emulator GENERATION --out DIR`."""

import sys

from harness.emulator.program import main

sys.exit(main())
