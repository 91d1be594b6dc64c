"""Going to the experiment that a question is about, and back to the run that was left for it."""

from gd_tutor.course.lesson import LessonExperiment
from gd_tutor.engine.state import State
from gd_tutor.session.lesson_run import LessonRun
from gd_tutor.session.pages import Pages, QuestionPage


class Detours:
    """The runs that were left on the way, and where the open page leads."""

    def __init__(self, run: LessonRun, pages: Pages) -> None:
        self.run = run
        self.pages = pages
        self.forget()

    def forget(self) -> None:
        """Forget the runs that were left: another experiment was chosen by itself."""
        self._left: dict[tuple[str, str], State] = {}
        """They are known by their experiments and, at a question, by its title."""
        self._before = ""
        """The experiment that was left last, while the learner is in that of a question."""

    @property
    def elsewhere(self) -> LessonExperiment | None:
        """The experiment that the question on the page is about; in it, the one before, if any."""
        page, lesson = self.pages.here, self.run.lesson
        if not isinstance(page, QuestionPage) or not page.experiment:
            return None
        about = lesson.experiment_of(page.experiment)
        return lesson.experiment_of(self._before) if about is self.run.experiment else about

    @property
    def about(self) -> str:
        """Where the open page is about another experiment than the present one, which that is."""
        about, to = self.run.lesson.experiment_of(self.pages.here.experiment), self.elsewhere
        if to is not None and to is not about:
            return f"`e` goes back to {to.title or 'the first experiment'}."
        if about is None or about is self.run.experiment:
            return ""
        if to is not None:
            return f"`e` goes to what this is about: {to.title or 'the first experiment'}."
        return f"About another experiment (`e`): {about.title}."

    def take(self) -> State:
        """Leave the run for where the page leads; the state to go on from there."""
        page, here, to = self.pages.here, self.run.experiment, self.elsewhere
        assert isinstance(page, QuestionPage)
        assert here is not None
        assert to is not None
        goes = to.id == page.experiment
        self._left[here.id, "" if goes else page.title] = self.run.state
        self._before = here.id if goes else ""
        left = self._left.pop((to.id, page.title if goes else ""), None)
        if left is not None:
            return left
        return self.run.start_of(to.id, page.question.answer.ready if goes else None)
