"""Worked lines and sentences: what the learner reads is what was computed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gd_tutor.cli.main import main
from gd_tutor.course.lesson import Filled, Lesson
from gd_tutor.engine.experiment import Change, Experiment
from gd_tutor.engine.parser import parse_answer
from gd_tutor.engine.state import PHASES, Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.export.transcript import trace_data
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import ASCII, SPEECH, on_screen
from gd_tutor.notation.sentences import happened
from gd_tutor.notation.spans import NO_BREAK, plain
from gd_tutor.notation.worked import worked_phase
from gd_tutor.pictures.kinds import make_view
from gd_tutor.questions.author_words import Wording
from gd_tutor.questions.explanation import explain
from tutor import COURSE, experiment, notation_for

GOLDEN = Path(__file__).parent / "golden"
EIGHT = [entry.id for entry in COURSE.entries if entry.number is not None and entry.number <= 8]


def lesson(id: str) -> Lesson:
    return COURSE.load(COURSE.find(id))


def opened(
    id: str, *changes: Change, position: Position | None = None, ascii: bool = False
) -> tuple[Training, Notation]:
    """A lesson's run, somewhere on its way, and its notation."""
    found = lesson(id)
    assert found.experiment is not None
    training = Training(found.experiment, changes)
    if position is not None:
        training.go_to(position)
    return training, found.experiments[0].notation(Notation(dialect=on_screen(ascii)))


def small(forward: str, **parameters: float) -> tuple[Training, Notation]:
    """A run of a program of single numbers with a learning rate of 0.1."""
    training = Training(Experiment(forward, parameters, 0.1))
    return training, Notation(shapes=training.program.shapes)


# Worked lines


def test_there_are_eight_lessons_with_golden_texts() -> None:
    assert len(EIGHT) == 8
    texts = {path.name for path in GOLDEN.glob("*.txt")}
    assert texts == {*(f"{id}.txt" for id in EIGHT), "gradient-matrix.ascii.txt"}


@pytest.mark.parametrize("name", [*EIGHT, "gradient-matrix.ascii"])
def test_traces_are_those_that_were_read_and_found_good(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """To renew one: `gd-tutor trace ID --steps 2 > tests/golden/ID.txt`, and read every line."""
    id, _, ascii = name.partition(".")
    assert main(["trace", id, "--steps", "2", *(["--ascii"] if ascii else [])]) == 0
    assert capsys.readouterr().out == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_a_worked_line_is_plain_data() -> None:
    training, notation = opened("derivative", position=Position(0, Phase.UPDATE))
    (line,) = worked_phase(training, Phase.UPDATE)
    assert line.phase is Phase.UPDATE
    assert line.name == "next.x"
    assert line.sources == {"x": 8, "learning_rate": 0.1, "grad.x": 6}
    assert line.result == 7.4
    assert line.parts(notation) == ["x", "x − η·∂l/∂x", "8 − 0.1·6", "7.4"]
    assert line.relation(notation) == "←"


def test_a_worked_line_breaks_where_it_does_not_fit() -> None:
    training, notation = opened("derivative", position=Position(0, Phase.UPDATE))
    (line,) = worked_phase(training, Phase.UPDATE)
    assert line.text(notation, 20) == ["x ← x − η·∂l/∂x", "  = 8 − 0.1·6 = 7.4"]


def test_a_worked_line_says_nothing_twice() -> None:
    training, notation = small("half = x / 2\nsame = half\nloss = same ** 2\n", x=4)
    training.advance()
    texts = [line.text(notation)[0] for line in worked_phase(training, Phase.FORWARD)]
    assert texts == ["half = x/2 = 4/2 = 2", "same = half = 2", "loss = same² = 2² = 4"]


def test_a_constant_line_is_not_repeated() -> None:
    training, notation = small("goal = 3\nloss = (x - goal) ** 2\n", x=4)
    training.advance()
    texts = [line.text(notation)[0] for line in worked_phase(training, Phase.FORWARD)]
    assert texts == ["goal = 3", "loss = (x − goal)² = (4 − 3)² = 1"]


def test_a_line_that_is_false_as_printed_says_about() -> None:
    training, paper = opened("kitchen", position=Position(50, Phase.BACKWARD))
    ascii = replace(paper, dialect=ASCII)
    distance, loss = worked_phase(training, Phase.FORWARD)
    assert loss.text(paper) == ["l = (x − 3)² + (y − 4)² = (3 − 3)² + (4 − 4)² ≈ 2.6481e−9"]
    assert loss.text(paper, 38)[-1] == "  = (3 − 3)² + (4 − 4)² ≈ 2.6481e−9"
    assert distance.sentence(paper).endswith(" = √((3 − 3)² + (4 − 4)²) ≈ 5.146e−5")
    assert loss.sentence(ascii).endswith(" = (3 - 3)**2 + (4 - 4)**2 ~= 2.6481e-9")
    spoken = loss.sentence(Notation(paper.symbols, paper.shapes, dialect=SPEECH))
    assert spoken.endswith(" is about 2.6481 times 10 to the power minus 9")
    assert "equals" in spoken


@pytest.mark.parametrize("id", EIGHT)
@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_has_a_line_for_each_of_its_program(id: str, phase: Phase) -> None:
    training, _ = opened(id, position=Position(2, phase))
    lines = worked_phase(training, phase)
    assert [line.name for line in lines] == [line.name for line in training.program.lines_of(phase)]
    for line in lines:
        assert np.array_equal(line.result, training.values[line.name])
        assert all(np.array_equal(training.values[name], v) for name, v in line.sources.items())


def test_lines_of_an_earlier_iteration_do_not_move_the_run() -> None:
    training, notation = opened("derivative", position=Position(3, Phase.FORWARD))
    (line,) = worked_phase(training, Phase.UPDATE, iteration=1)
    assert line.text(notation) == ["x ← x − η·∂l/∂x = 7.4 − 0.1·4.8 = 6.92"]
    assert training.position == Position(3, Phase.FORWARD)


def test_the_start_has_no_lines() -> None:
    training, _ = opened("derivative")
    assert worked_phase(training, Phase.START) == []


# Sentences


def sentences(training: Training, notation: Notation, count: int) -> list[str]:
    """What is said at the start and after each of the next phases."""
    found = [happened(training, notation)]
    for _ in range(count):
        training.advance()
        found.append(happened(training, notation))
    return found


def test_every_position_has_its_sentence() -> None:
    assert sentences(*opened("derivative"), 5) == [
        "Nothing is computed yet: press `f`, and forward finds the loss.",
        "Forward put the numbers in: the loss is 9. It changed no parameter.",
        "Backward changed no parameter: it found which way is up, more x.",
        "Update moved x from 8 to 7.4, against its slope; the slope is used up.",
        "Forward: the loss fell from 9 to 5.76.",
        "Backward changed no parameter: it found which way is up, more x.",
    ]


def test_several_parameters_move_at_once() -> None:
    found = sentences(*opened("gradient"), 3)
    assert found[2] == "Backward changed no parameter: it found which way is up."
    assert found[3] == (
        "Update moved all parameters at once, against their slopes; the slopes are used up."
    )


def test_a_vector_of_parameters_is_several() -> None:
    found = sentences(*opened("residual"), 3)
    assert found[2] == "Backward changed no parameter: it found which way is up."
    assert "all parameters at once" in found[3]


def test_up_may_be_less() -> None:
    assert sentences(*opened("derivative", Change("x", 2.0)), 2)[2].endswith("way is up, less x.")


def test_symbols_stand_in_sentences() -> None:
    training, notation = opened("derivative", ascii=True)
    symbols = Notation({"x": "ξ"}, training.program.shapes)
    assert sentences(training, symbols, 3)[3].startswith("Update moved ξ from 8 to 7.4")
    assert all(sentence.isascii() for sentence in sentences(training, notation, 6))


def test_at_the_minimum_nothing_is_to_be_gained() -> None:
    found = sentences(*opened("derivative", Change("x", 5.0)), 4)
    assert (
        found[2] == "Backward changed no parameter: every slope is 0, so here is nothing to gain."
    )
    assert found[4] == "Forward put the new parameters in: the loss is still 0."


def test_an_update_that_moves_nothing_says_why() -> None:
    for id, changes in (("derivative", Change("x", 5.0)), ("gradient", Change("x", 3.0))):
        training, notation = opened(id, changes, *([Change("y", 4.0)] * (id == "gradient")))
        assert sentences(training, notation, 3)[3] == "Update moved nothing: every slope is 0."


def test_slopes_left_over_from_nothing_move_nothing() -> None:
    training, notation = small("loss = x ** 2\n", x=1)
    training.choose("bug", "update-first")
    assert sentences(training, notation, 2)[2] == (
        "Update moved nothing, by slopes from the iteration before; next is backward."
    )


def test_a_velocity_moves_on_where_every_slope_is_0() -> None:
    training, notation = small("loss = maximum(x, 0)\n", x=0.05)
    training.choose("optimizer", "momentum")
    found = sentences(training, notation, 6)
    assert "every slope is 0" in found[5]
    assert found[6].startswith("Update moved x from −0.05 to ")


def test_a_step_too_small_to_be_seen_is_not_none() -> None:
    training, notation = small("loss = 1e-30 * x\n", x=1)
    assert "x by too little to be seen" in sentences(training, notation, 3)[3]


def test_a_loss_may_rise() -> None:
    found = sentences(*opened("derivative", Change("learning_rate", 1.5)), 4)
    assert found[4] == "Forward: the loss rose from 9 to 36."


def test_a_divergence_names_its_iteration_and_the_largest_learning_rate() -> None:
    training, notation = opened("derivative", Change("learning_rate", 2.0))
    training.run(1000)
    assert training.position == Position(323, Phase.FORWARD)
    assert happened(training, notation) == (
        "Diverged: at iteration 323 l is no longer a number. "
        "η = 2 is beyond 2/curvature = 1. Go back with `,`."
    )


def test_the_limit_is_two_over_the_largest_curvature() -> None:
    training, notation = opened("gradient-matrix", Change("learning_rate", 0.2, 3), ascii=True)
    training.run(1_000_000)
    said = happened(training, notation)
    inputs = np.array([[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]])
    limit = 2 / np.linalg.eigvalsh(2 / 3 * inputs.T @ inputs)[-1]
    assert f"at iteration {training.iteration} loss" in said
    assert f"learning_rate = 0.2 is beyond 2/curvature = {limit:.5g}." in said


def test_the_rate_is_not_blamed_where_it_is_small_enough() -> None:
    training, notation = opened("derivative", Change("x", 1e200))
    training.advance()
    assert happened(training, notation) == (
        "Diverged: at iteration 0 l is no longer a number. "
        "No step was taken yet: begin elsewhere with `s`."
    )


UNDEFINED = [
    ("a = log(x)\nloss = a ** 2", -3.0, "a is not a number: log(x) takes log of −3"),
    ("loss = sqrt(x - 1)", 0.0, "loss is not a number: √(x − 1) takes sqrt of −1"),
    ("loss = 1 / (x - 2) + x", 2.0, "loss is not a number: 1/(x − 2) + x divides 1 by 0"),
    ("loss = x ** -1", 0.0, "loss is not a number: x⁻¹ raises 0 to the power −1"),
    ("loss = x ** 0.5", -8.0, "loss is not a number: x^0.5 raises −8 to the power 0.5"),
    ("loss = sqrt(x)", 0.0, "∂loss/∂x is not a number: 1/(2·loss) divides 1 by 0"),
    ("loss = mean(log(x * d))", 1.0, "loss is not a number: mean(log(x·d)) takes log of −5"),
]


@pytest.mark.parametrize(("forward", "x", "says"), UNDEFINED)
def test_a_function_without_a_value_is_named_with_its_argument_and_its_line(
    forward: str, x: float, says: str
) -> None:
    training = Training(experiment(forward, {"x": x}, {"d": [1.0, -5.0]}))
    training.go_to(Position(0, Phase.UPDATE))
    said = happened(training, notation_for(training))
    assert said.startswith(f"At iteration 0 {says}")
    assert said.endswith("Go back with `,`, or begin elsewhere: `s`.")
    assert "learning rate" not in said


def test_a_step_out_of_a_function_is_no_divergence_of_the_numbers() -> None:
    training = Training(experiment("dead = log(-x)\nloss = log(x) + 5 * x", {"x": 1.0}))
    training.run(100)
    said = happened(training, notation_for(training))
    assert said.startswith("At iteration 2 loss is not a number: log(x) + 5x takes log of −0.35,")


def test_what_overflowed_is_not_blamed_on_a_function_that_was_given_it() -> None:
    training = Training(experiment("a = exp(x)\nb = log(a - a)\nloss = b", {"x": 800.0}))
    training.advance()
    assert happened(training, notation_for(training)).startswith("Diverged: at iteration 0 loss")


def test_no_limit_is_named_where_the_curvature_changes() -> None:
    training, notation = small("loss = x ** 4\n", x=10)
    training.run(100)
    assert training.divergence is not None
    said = happened(training, notation)
    assert said.startswith(f"Diverged: at iteration {training.iteration} ")
    assert "curvature" not in said


@pytest.mark.parametrize(
    ("forward", "x", "phase", "name"),
    [
        ("loss = exp(x)\n", 800.0, Phase.FORWARD, "loss"),
        ("loss = x ** -153\n", 0.01, Phase.BACKWARD, "∂loss/∂x"),
        ("loss = sqrt(x)\n", 5e-324, Phase.UPDATE, "x"),
    ],
)
def test_the_first_value_that_is_no_number_is_named(
    forward: str, x: float, phase: Phase, name: str
) -> None:
    training, notation = small(forward, x=x)
    if phase is Phase.UPDATE:
        training.change("learning_rate", 1e300)
    training.run(1)
    assert training.position == Position(0, phase)
    assert f"at iteration 0 {name} is no longer a number" in happened(training, notation)


# Rounding noise


def test_what_rounding_left_over_is_written_as_about_nothing() -> None:
    training, notation = opened("partial-derivative", position=Position(200, Phase.BACKWARD))
    exact = float(training.values["residual"])
    assert 0 < abs(exact) < 1e-13  # ŷ is not quite 15
    texts = [line.sentence(notation) for line in worked_phase(training, Phase.FORWARD)]
    assert texts[1:] == ["ε = y − ŷ = 15 − 15 ≈ 0", "l = ε² = 0² ≈ 0"]
    for line in worked_phase(training, Phase.BACKWARD):
        assert line.sentence(notation).endswith(" ≈ 0")
    assert explain(training, "residual").text(notation) == ["ε = y − ŷ = 15 − 15 ≈ 0"]
    data = trace_data(training, "partial-derivative", 201)["iterations"][-1]
    assert data["forward"]["residual"] == exact  # what computes stays exact


CONVERGED = experiment(
    "residual = y - w * k - b\nloss = mean(residual ** 2)\n",
    {"w": [-0.8, 0.3], "b": 0.7},
    {"y": [15, 0.1], "k": [3, 2]},
)
CAPTIONS = {
    "bars": "residual ≈ [0, 0]: 0 above zero, 0 below",
    "squares": "residual squared ≈ [0, 0]; the mean of the areas is ≈ 0",
    "curve": "w[0] moved −0.8 → 4.3857; loss there is ≈ 0, its slope ≈ 0",
    "contours": "(w[0], b) moved (−0.8, 0.7) → (4.3857, 1.8429); "
    "uphill is (≈ 0, ≈ 0), downhill (≈ 0, ≈ 0)",
    "loss": "loss fell from 140.165 to ≈ 0 in 2000 updates",
}


@pytest.mark.parametrize("kind", CAPTIONS)
def test_pictures_say_about_nothing_of_what_rounding_left_over(kind: str) -> None:
    training = Training(CONVERGED)
    training.go_to(Position(2_000, Phase.BACKWARD))
    assert 0 < float(training.values["loss"]) < 1e-28
    view = make_view(kind, notation_for(training), ["residual"], ["w[0]", "b"])
    assert view.text_alternative(training).startswith(CAPTIONS[kind])
    spoken = replace(notation_for(training), dialect=SPEECH)
    said = make_view(kind, spoken, ["residual"], ["w[0]", "b"]).text_alternative(training)
    assert "about" in said
    assert "to the power" not in said
    exact = trace_data(training, "", 1)  # what is kept stays exact
    assert exact["iterations"][0]["forward"]["loss"] == training.losses[0]


def test_pictures_write_about_nothing_beside_what_they_draw() -> None:
    training = Training(CONVERGED)
    training.go_to(Position(2_000, Phase.BACKWARD))
    drawn = {
        kind: plain(
            make_view(kind, notation_for(training), ["residual"], ["w[0]", "b"]).rows(
                training, 60, 12
            )
        )
        for kind in ("bars", "squares", "slices")
    }
    assert drawn["bars"].count("≈ 0") == 2
    assert "0² ≈ 0" in drawn["squares"]
    assert "mean = (0 + 0)/2 ≈ 0" in drawn["squares"]
    assert "w[0] slope ≈ 0" in drawn["slices"]


def test_the_legend_of_the_parameters_knows_noise() -> None:
    training, notation = small("loss = 3 * x + y ** 2\n", x=0.3, y=1e-9)
    view = make_view("parameters", notation)
    training.go_to(Position(0, Phase.BACKWARD))
    assert "x = 0.3" in plain(view.rows(training, 60, 10))
    training.update()
    assert float(training.parameters["x"]) != 0
    rows = plain(view.rows(training, 60, 10))
    assert "x ≈ 0" in rows
    assert "e−10" in rows  # small, and true
    assert view.text_alternative(training).startswith("x moved 0.3 → ≈ 0; y moved")
    training.forward()
    assert view.text_alternative(training).startswith("x moved 0.3 → ≈ 0; y moved")


def test_the_loss_that_came_to_nothing_is_about_nothing_in_a_sentence() -> None:
    training = Training(CONVERGED)
    training.go_to(Position(2_000, Phase.FORWARD))
    said = happened(training, notation_for(training))
    assert said == "Forward: the loss hardly changed; it is still ≈ 0."


def test_slopes_that_are_only_noise_lead_nowhere() -> None:
    training = Training(CONVERGED)
    training.go_to(Position(2_000, Phase.BACKWARD))
    notation = notation_for(training)
    said = "Backward changed no parameter: every slope is ≈ 0, so here is nothing to gain."
    assert happened(training, notation) == said
    view = make_view("contours", notation, [], ["w[0]", "b"])
    roles = {role for row in view.rows(training, 60, 20) for role, _ in row}
    assert not roles & {"gradient", "descent"}
    training.go_to(Position(1, Phase.BACKWARD))
    roles = {role for row in view.rows(training, 60, 20) for role, _ in row}
    assert roles >= {"gradient", "descent"}


def test_the_prose_says_about_nothing_of_what_rounding_left_over() -> None:
    training, notation = opened("partial-derivative")
    exact = training.values_at(Position(200, Phase.UPDATE))["residual"]
    assert exact != 0

    def said(formula: str, digits: Notation = notation) -> str:
        filled = Filled(parse_answer(formula), 200, formula)
        return Wording(digits, lambda _: training).span(filled)[1].replace(NO_BREAK, " ")

    assert said("residual") == said("loss") == said("grad.w") == "≈ 0"
    assert said("fare - prediction") == said("75 * residual") == "≈ 0"
    assert said("prediction") == "15"
    assert said("residual", replace(notation, dialect=SPEECH)) == "about 0"
    assert said("learning_rate * 1e-14") == "1e−16"  # small, and true
    assert said("fare - fare") == "0"


def test_noise_beside_nothing_is_found_in_every_operation() -> None:
    training, notation = small(
        "rest = a + b - c\nloss = (rest + x) ** 2\n", a=0.1, b=0.2, c=0.3, x=1
    )
    training.advance()
    texts = [line.sentence(notation) for line in worked_phase(training, Phase.FORWARD)]
    assert texts[0] == "rest = a + b − c = 0.1 + 0.2 − 0.3 ≈ 0"


def test_what_is_made_of_noise_alone_is_noise_though_it_is_larger() -> None:
    forward = "rest = a + b - c\nscaled = 100000 * rest\nloss = (scaled + x) ** 2\n"
    training, _ = small(forward, a=0.1, b=0.2, c=0.3, x=1)
    training.advance()
    assert float(training.values["scaled"]) > 5e-12
    assert float(training.shown["scaled"]) == 0


def test_a_parameter_that_came_to_nothing_stays_nothing() -> None:
    training, notation = small("loss = 3 * x + y ** 2\n", x=0.3, y=1e-9)
    training.go_to(Position(0, Phase.UPDATE))
    assert float(training.values["next.x"]) != 0
    texts = [line.sentence(notation) for line in worked_phase(training, Phase.UPDATE)]
    assert texts[0] == "x ← x − η·∂loss/∂x = 0.3 − 0.1·3 ≈ 0"
    training.advance()
    (loss,) = worked_phase(training, Phase.FORWARD)
    assert loss.sentence(notation).startswith("loss = 3x + y² = 3·0 + ")


@pytest.mark.parametrize("x", [5 + 1e-7, 5 + 1e-10])
def test_small_numbers_that_are_true_are_no_noise(x: float) -> None:
    training, _ = opened("derivative", Change("x", x), position=Position(0, Phase.FORWARD))
    residual, loss = worked_phase(training, Phase.FORWARD)
    assert residual.result == training.values["residual"] != 0
    assert loss.result == training.values["loss"] != 0


def test_a_run_that_diverges_keeps_its_residuals_and_its_data() -> None:
    training, _ = opened("gradient-matrix", Change("learning_rate", 1.0))
    training.go_to(Position(60, Phase.FORWARD))
    assert training.values["loss"] > 1e50
    assert training.shown is training.values or all(
        np.array_equal(training.shown[name], value) for name, value in training.values.items()
    )


def test_no_number_is_divided_by_noise_as_if_it_were_nothing() -> None:
    training, notation = small("rest = a + b - c\nloss = x / rest\n", a=0.1, b=0.2, c=0.3, x=1)
    training.advance()
    loss = worked_phase(training, Phase.FORWARD)[1]
    assert loss.sentence(notation).startswith("loss = x/rest = 1/5.5511e−17 ")
