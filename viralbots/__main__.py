"""``python -m viralbots``: the same as the command ``viralbots``."""

import sys

from viralbots.cli import main

sys.exit(main())
