"""`gd-tutor export`: a run as a script, a report or a table, to standard output or to a file."""

import sys
from argparse import Namespace
from pathlib import Path

from gd_tutor.cli.errors import UserError
from gd_tutor.cli.output import carries_signs
from gd_tutor.cli.trace import open_training
from gd_tutor.export import ExportError, export
from gd_tutor.files import FileRefused, write_text


def export_run(options: Namespace) -> int:
    """Write the first iterations of a lesson in the format asked for."""
    lesson, training = open_training(options)
    try:
        ascii = options.ascii or (options.output is None and not carries_signs())
        text = export(training, lesson, options.to, options.steps, ascii)
        if options.output is None:
            sys.stdout.write(text)
        else:
            write_text(Path(options.output), text, options.force)
    except (ExportError, FileRefused) as error:
        raise UserError(str(error)) from None
    return 0
