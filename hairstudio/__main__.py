"""``python -m hairstudio``."""

import sys

from hairstudio.cli import main

sys.exit(main())
