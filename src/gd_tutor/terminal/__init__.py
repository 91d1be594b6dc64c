"""What the tutor runs in, and how it draws there; all of it before Textual is imported."""

from gd_tutor.terminal.choice import Choice, choose, prints_ascii
from gd_tutor.terminal.findings import Finding, findings, measured
from gd_tutor.terminal.modes import Mode, WrongSetting
from gd_tutor.terminal.prepare import USUAL, Drawing, Profile, prepare, profile
from gd_tutor.terminal.settings import Settings, read_settings, save_setting, settings_file
from gd_tutor.terminal.surroundings import Surroundings
from gd_tutor.terminal.watch import LOST, Watch, is_lost

__all__ = [
    "LOST",
    "USUAL",
    "Choice",
    "Drawing",
    "Finding",
    "Mode",
    "Profile",
    "Settings",
    "Surroundings",
    "Watch",
    "WrongSetting",
    "choose",
    "findings",
    "is_lost",
    "measured",
    "prepare",
    "prints_ascii",
    "profile",
    "read_settings",
    "save_setting",
    "settings_file",
]
