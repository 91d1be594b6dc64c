"""`python -m gd_tutor` is `gd-tutor`."""

import sys

from gd_tutor.cli import main

sys.exit(main())
