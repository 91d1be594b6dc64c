"""The fixed messages of a session."""

# Pages, lessons

RIGHT = "Right: `enter` turns the page."
ANSWERED = "The question is answered already: `enter` goes on."
LEFT_OPEN = "Left open: `enter` comes back to the question, `pgdn` goes on."
FIRST_PAGE = "This is the first page of the lesson."
LAST_PAGE = "This is the last page: `enter` or `]` goes on from here."
FIRST_LESSON = "This is the first lesson."
LAST_LESSON = "This is the last lesson."
NO_LESSON = "There is no lesson {} in this course."
CANNOT_BE_OPENED = "{} cannot be opened: {}"

# Questions

PREDICTING = (
    "Before each phase you are asked for a number; `enter` answers, the phase's key skips. "
    "`p` again stops the questions."
)
NOT_PREDICTING = "No more questions before a phase."
INVITATION = " Or `p` first: predict before you press."
FIRST_THE_QUESTION = "First the question about {0}, which is open: answer it, or `escape` skips it."
SKIPPED = "The question was skipped: `,` and then `{0}` ask it again."
NO_HINT = "Hints belong to a question: `p` asks one before each phase."
NO_RULE_HERE = "No answer so far has shown a rule that can be run: `x` does nothing here."
NO_RULE = (
    "`x` shows where a wrong rule leads: predict (`p`) a slope or an update; if your mistake is "
    "recognised, `x` runs it beside the right rule."
)

# The run

ONLY_WORDS = "This page only has words: there is nothing to compute here."
LAYERS = "Backward is through {0} of {1} layers, the last one first; `b` goes on."
NOTHING_TO_UNDO = "This is the very start: there is nothing to undo."
NOTHING_TO_REDO = "There is nothing to redo: go on with `f`, `b` or `u`."
OWN_SETTINGS = "Back at the start, with the lesson's own settings."
RATE_ENDS = "The learning rate goes no further."
IN_LATER_LESSON = {
    "forward": "Forward found the loss, as {0} explains; it changed no parameter.",
    "backward": "Backward changed no parameter: it found the way to go, as {0} explains.",
    "update": "Update moved the parameters that way, as {0} explains.",
}
"""What a phase did, where a later lesson explains it."""
