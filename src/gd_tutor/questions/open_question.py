"""An open question: the answer typed so far, its tries and hints, and its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import NO_BREAK, Row, key_row, spans_of
from gd_tutor.progress.event import RIGHT, WRONG, Event, Kind
from gd_tutor.questions.question import ChoiceAnswer, Question
from gd_tutor.questions.typed_numbers import LONGEST, AnswerError, belongs_to_answer
from gd_tutor.questions.wrong_rule import Rule


@dataclass
class OpenQuestion:
    """An open question; `place` is the one shown where there are several to choose from."""

    questions: Sequence[Question]
    place: int = 0
    typed: str = ""
    tries: int = 0
    given: tuple[str, ...] = ()
    """The hints given so far."""
    said: tuple[str, ...] = ()
    rule: Rule | None = None
    """The wrong rule that explains the last answer, where it can run."""
    wrong: list[str] = field(default_factory=list)
    done: bool = False
    """Whether it was answered rightly."""
    replied: str = ""
    """The wrong answer that `said` is about, if any."""
    refused: str = ""
    """Why the last key did nothing, if it did nothing."""

    @property
    def question(self) -> Question:
        return self.questions[self.place]

    @property
    def aided(self) -> bool:
        """Whether there was a try or a hint before."""
        return bool(self.tries or self.given)

    @property
    def hints(self) -> list[str]:
        """The remaining hints."""
        steps = self.question.answer.hints(self.tried)
        return [step for step in steps if step not in self.given]

    def type(self, text: str) -> None:
        """Add typed or pasted text, as far as it can be part of an answer."""
        kept = "".join(filter(belongs_to_answer, text))
        answer = self.question.answer
        if isinstance(answer, ChoiceAnswer):
            self._choose_by_number(answer, kept.translate({ord("e"): None, ord("E"): None}))
        else:
            self.typed = (self.typed + kept)[:LONGEST]

    def _choose_by_number(self, answer: ChoiceAnswer, kept: str) -> None:
        """Choose the option of the typed number; the number of another one chooses anew.

        A number of none stays until it is cleared: the digits of a longer number, typed into the
        wrong question, must not choose one by one.
        """
        longer = (self.typed + kept)[:LONGEST]
        # 1 and then 2 mean 12 only where there are 12 options.
        if answer.chosen(longer) is None and answer.chosen(self.typed) is not None:
            longer = kept if answer.chosen(kept) is not None else longer
        if longer and answer.chosen(longer) is None:
            self.refused = f"{longer} is no answer's number: `backspace` clears it."
        self.typed = longer

    def takes(self, character: str) -> bool:
        """Whether a character goes into the answer; an e only after a digit, as in 2e-3."""
        if character in ("e", "E"):
            return not self.question.options and self.typed[-1:].isdigit()
        return belongs_to_answer(character)

    def erase(self) -> None:
        """Take back the last character; among options, all that was typed."""
        self.typed = "" if self.question.options else self.typed[:-1]

    def other(self, step: int) -> None:
        """Select another question, or another option."""
        self.place = (self.place + step) % len(self.questions)
        self.typed, self.tries, self.given = "", 0, ()
        self.wrong = []
        self.say()
        self.rule = None

    def choose(self, step: int) -> None:
        """Select another option, if there are options."""
        answer = self.question.answer
        if isinstance(answer, ChoiceAnswer):
            now = answer.chosen(self.typed)
            place = (0 if step > 0 else -1) if now is None else now + step
            self.typed = str(place % len(answer.options) + 1)

    def answer(self) -> Event | None:
        """Judge the typed answer; return its event for the log, or None for no new answer."""
        question, again = self.question, self._option in self.tried
        try:
            verdict = question.judge(self.typed, self.tries)
        except AnswerError as error:
            self.say(str(error))
            return None
        self.say(*verdict.sentences)
        event = Event(
            Kind.ANSWERED,
            question.id,
            RIGHT if verdict.right else WRONG,
            self.tries + 1,
            self.aided,
            tuple(rule.id for rule in verdict.rules),
            "" if question.options else self.typed,
            verdict.option,
        )
        self.done = verdict.right
        if self.done:
            return event
        self.replied = self.typed
        if again:  # a repeated answer costs no try
            return None
        self.tries += 1
        self.wrong.append(self.typed)
        match verdict.rules:
            case (rule,) if rule.can_run:
                self.rule = rule
            case _:  # several equal fits: the learner's own is unknown
                self.rule = None
        if not question.options:
            self.typed = ""
        return event

    def skip(self) -> Event:
        """Skip the question; return its event for the log."""
        return Event(Kind.SKIPPED, self.question.id, "", self.tries, self.aided)

    @property
    def _option(self) -> int | None:
        """The index of the chosen option, if there are options."""
        answer = self.question.answer
        return answer.chosen(self.typed) if isinstance(answer, ChoiceAnswer) else None

    @property
    def tried(self) -> frozenset[int]:
        """The indices of wrong options already chosen."""
        answer = self.question.answer
        if not isinstance(answer, ChoiceAnswer):
            return frozenset()
        return frozenset(place for place in map(answer.chosen, self.wrong) if place is not None)

    def noted(self) -> Iterator[tuple[str, str]]:
        """Every option, with its outcome in a word."""
        right = self._option if self.done else None
        for place, option in enumerate(self.question.options):
            yield option, "tried" if place in self.tried else "right" if place == right else ""

    def hint(self) -> Event:
        """Say the next hint, or the last one again; return its event for the log."""
        step = self.hints[0] if self.hints else self.question.answer.hints()[-1]
        self.given = (*dict.fromkeys((*self.given, step)),)
        self.say(step)
        return Event(Kind.HINTED, self.question.id)

    def say(self, *sentences: str) -> None:
        """Say something other than a reply to an answer."""
        self.said, self.replied = sentences, ""

    # How it is shown

    def rows(self, notation: Notation, cells: int) -> list[Row]:
        """The question, the answer so far, the reply, and the keys while it is open."""
        question = self.question
        rows = wrap(spans_of(question.ask, "strong"), cells)
        rows += self._option_rows(notation, cells)
        if self.done:
            return [*rows, *self._answered_rows(cells)]
        if not question.options:
            rows.append(
                (
                    ("focus", f"> {self.typed}"),
                    ("cursor", " "),
                    ("muted", f"  {question.answer.stated}"),
                )
            )
        if self.replied and not question.options:
            rows.append((("muted", f"You said {self.replied}."),))
        for sentence in self.said:
            rows += wrap(spans_of(sentence, "new"), cells)
        refused = spans_of(f"{self.refused} ", "new") if self.refused else ()
        return [*rows, *wrap([*refused, *key_row(self.keys(notation), "muted")], cells)]

    def _option_rows(self, notation: Notation, cells: int) -> list[Row]:
        """The options; the chosen one is marked, wrong ones already chosen are crossed out."""
        rows: list[Row] = []
        for place, (option, note) in enumerate(self.noted()):
            mark, style = ("▸", "focus") if place == self._option else (" ", "text")
            cross = ("x" if notation.ascii else "×") if note == "tried" else " "
            text = spans_of(option, "muted" if note == "tried" else style)
            lines = wrap([*text, ("new", " (right)" if note == "right" else "")], cells - 5)
            rows += [
                ((style, f" {mark}{place + 1}{cross} " if not line else "     "), *spans)
                for line, spans in enumerate(lines)
            ]
        return rows

    def _answered_rows(self, cells: int) -> list[Row]:
        """The right answer, and the reply to it."""
        answer: Row = (("muted", "> "), ("text", self.typed))
        said = (span for sentence in self.said for span in (*spans_of(sentence, "text"), ("", " ")))
        return [*([] if self.question.options else [answer]), (), *wrap(said, cells)]

    def keys(self, notation: Notation) -> str:
        """The keys that work now."""
        keys = ["`enter` answers", "`esc` skips"]
        if self.hints:
            keys.append("`h` hint")
        if self.rule is not None:
            keys.append("`x` runs your rule")
        if len(self.questions) > 1:
            keys.append("`<>` other" if notation.ascii else "`←→` other")
        if self.question.lesson_id:
            keys += ["`[` `]` lessons", "`m` map", "`q` quit"]
        return "  ".join(key.replace(" ", NO_BREAK) for key in keys)
