"""Every key of the lesson screen, once: bindings, key bar, help and palette are made from this."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """What a key does. `label` is for the key bar, `help` for the help page and the palette."""

    keys: str
    shown: str
    action: str
    label: str
    help: str
    group: str


STEP, BACK, LEARN, LOOK = "Step", "Back and forth", "Learn", "Look"
SET, GO, APP = "Settings", "Lessons", "Program"

COMMANDS = (
    Command("f", "f", "forward", "forward", "forward: compute the loss", STEP),
    Command("b", "b", "backward", "back", "backward: find the slopes", STEP),
    Command("u", "u", "update", "update", "update: move the parameters", STEP),
    Command("space", "space", "advance", "next", "the next phase, whichever it is", STEP),
    Command("n", "n", "run(1)", "round", "go on until an update is done", STEP),
    Command("N", "N", "run(10)", "10 rounds", "go on until ten updates are done", STEP),
    Command("a", "a", "play", "play", "play on by itself; any key stops it", STEP),
    Command("g", "g", "go_to", "go to", "go to an iteration", STEP),
    Command("comma,backspace", ",", "undo", "undo", "one phase back (also backspace)", BACK),
    Command("full_stop", ".", "redo", "redo", "one phase forward again", BACK),
    Command("r", "r", "reset", "restart", "back to the start; twice: own settings", BACK),
    Command("p", "p", "predict", "predict", "predict: be asked before each phase", LEARN),
    Command("h", "h", "hint", "hint", "a hint towards the answer", LEARN),
    Command("x", "x", "run_rule", "my rule", "run your wrong rule beside the right one", LEARN),
    Command("w", "w", "next_level", "blanks", "arithmetic worked, one blank, all blank", LEARN),
    Command("enter", "enter", "explain", "explain", "explain the number under the cursor", LEARN),
    Command("pagedown", "pgdn", "page(1)", "text", "next page of the text", LOOK),
    Command("pageup", "pgup", "page(-1)", "text back", "previous page of the text", LOOK),
    Command("v", "v", "next_view", "view", "bring the next picture up", LOOK),
    Command("l", "l", "toggle_log", "log", "loss axis linear or logarithmic", LOOK),
    Command("tab", "tab", "pane(1)", "pane", "next pane; arrows move inside it", LOOK),
    Command("shift+tab", "S-tab", "pane(-1)", "pane back", "previous pane", LOOK),
    *(
        Command(key, "arrows", f"arrow({right},{down})", key, "move inside the pane", LOOK)
        for key, right, down in (("up", 0, -1), ("down", 0, 1), ("left", -1, 0), ("right", 1, 0))
    ),
    Command("plus,equals_sign", "+", "rate(True)", "η up", "learning rate up (1-2-5)", SET),
    Command("minus", "-", "rate(False)", "η down", "learning rate down (1-2-5)", SET),
    Command("greater_than_sign", ">", "pace(1)", "faster", "play faster", SET),
    Command("less_than_sign", "<", "pace(-1)", "slower", "play slower", SET),
    Command("s", "s", "choose_start", "start", "choose a start value with the arrows", SET),
    Command("c", "c", "conventions", "conventions", "conventions: mean, half or sum; sign", SET),
    Command("d", "d", "bugs", "bugs", "deliberate bugs, and what each does", SET),
    Command("o", "o", "optimizers", "optimizer", "another optimizer, other batches", SET),
    Command("e", "e", "experiments", "experiment", "another experiment of the lesson", SET),
    Command("L", "L", "find_rate", "rates", "learning-rate finder: all rates at once", SET),
    Command("S", "S", "find_starts", "starts", "many starts: where each of them leads", SET),
    Command("k", "k", "keep_run", "keep", "keep this run to compare the next with it", SET),
    Command("K", "K", "compare", "compare", "kept runs side by side, as a table", SET),
    Command("E", "E", "export", "export", "export: a script, a report, a table", SET),
    Command("m", "m", "map", "map", "course map", GO),
    Command("right_square_bracket", "]", "neighbour(1)", "next lesson", "next lesson", GO),
    Command("left_square_bracket", "[", "neighbour(-1)", "lesson back", "previous lesson", GO),
    *(
        Command(str(n), "1-8", f"lesson({n})", f"lesson {n}", "a concept by its number", GO)
        for n in range(1, 9)
    ),
    Command("question_mark", "?", "help", "help", "help: all keys, and signs", APP),
    Command("q,ctrl+c", "q", "app.quit", "quit", "quit; your place is kept", APP),
)


def command(action: str) -> Command:
    return next(command for command in COMMANDS if command.action == action)
