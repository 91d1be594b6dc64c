"""`python -m gd_tutor` is `gd-tutor`."""

import sys

from gd_tutor.cli.main import main

sys.exit(main())
