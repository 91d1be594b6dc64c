"""What can be predicted before a phase reveals it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gd_tutor.engine.experiment import Experiment
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.questions.predictions import MOST_CELLS, asked_numbers, choices
from gd_tutor.questions.question import ChoiceAnswer, Question
from learning_runs import EIGHT, asking, line, notation_of, opened


def test_the_questions_of_one_iteration() -> None:
    found, training = opened("derivative")
    notation = notation_of(training, found)
    asked = []
    for _ in range(4):
        asked += [(each.ask(notation), each.value) for each in asked_numbers(training)]
        training.advance()
    assert asked == [
        ("What is ε, made from y and x?", -3),
        ("What is l, the loss?", 9),
        ("What is ∂l/∂ε, the slope of the loss along ε?", -6),
        ("What is ∂l/∂x, the slope of the loss along x?", 6),
        ("What will x be after the update?", 7.4),
        ("What is ε, made from y and x?", pytest.approx(-2.4)),
        ("What is l, the loss now?", pytest.approx(5.76)),
    ]


@pytest.mark.parametrize("id", EIGHT)
def test_every_number_of_a_phase_is_asked_for_before_it_is_known(id: str) -> None:
    _, training = opened(id)
    for _ in range(6):
        asked = asked_numbers(training)
        before = training.position
        training.advance()
        assert {each.position for each in asked} == {training.position} != {before}
        values = training.values
        assert {each.line.name for each in asked if each.line} == {
            each.name for each in training.program.lines_of(training.phase)
        }
        for each in asked:
            assert each.number(values) == each.value


def test_cells_are_asked_for_one_by_one() -> None:
    _, training = opened("residual-matrix")
    found, notation = asked_numbers(training), notation_of(training)
    assert [each.label(notation) for each in found] == ["E[0,0]", "E[1,0]", "E[2,0]", "loss"]
    assert found[3].ask(notation) == "What is the loss?"


def test_of_a_large_value_only_the_first_cells() -> None:
    many = tuple(float(value) for value in range(40))
    training = Training(Experiment("e = y - x\nloss = mean(e ** 2)", {"x": 1.0}, 0.1, {"y": many}))
    assert len(asked_numbers(training)) == MOST_CELLS + 1


def test_asking_leaves_the_run_as_it_is() -> None:
    training = line()
    training.go_to(Position(1, Phase.BACKWARD))
    before = training.position, training.furthest, training.losses.tolist()
    asked_numbers(training)
    choices(training, notation_of(training))
    assert (training.position, training.furthest, training.losses.tolist()) == before


def test_nothing_is_asked_of_a_run_that_has_ended() -> None:
    training = line(learning_rate=1e200)
    training.go_to(Position(20, Phase.UPDATE))
    assert training.divergence is not None
    assert asked_numbers(training) == []
    assert choices(training, notation_of(training)) == []


def test_a_lesson_asks_first(tmp_path: Path) -> None:
    question = 'id = "a"\nphase = "update"\nask = "Where?"\nanswer = "next.w"\nwithin = 0.1'
    other = 'id = "b"\nphase = "forward"\nask = "How much?"\nanswer = "2 * grad.b"'
    cell = 'id = "c"\nphase = "update"\nask = "Which?"\nanswer = "next.v[1]"'
    lesson, training = asking(tmp_path, question, other, cell)
    notation = notation_of(training)
    first, second, *_ = asked_numbers(training, lesson)
    assert (first.ask(notation), first.value) == ("How much?", -16)
    assert first.label(notation) == "2·∂loss/∂b"
    assert second.authored is None
    training.go_to(Position(0, Phase.BACKWARD))
    own, of_cell, *_ = asked_numbers(training, lesson)
    assert own.ask(notation) == "Where?"
    assert own.value == pytest.approx(1.4)
    assert own.label(notation) == "w"
    assert own.tolerance.accepts(1.4, 1.5)
    assert (of_cell.label(notation), of_cell.value) == ("v[1]", pytest.approx(1.8))


def right_option(choice: Question) -> str:
    assert isinstance(choice.answer, ChoiceAnswer)
    return choice.options[choice.answer.right]


def test_ways_signs_and_cells() -> None:
    training = line()
    notation = notation_of(training)
    training.go_to(Position(0, Phase.FORWARD))
    found = {each.id: each for each in choices(training, notation)}
    sign = found["sign:grad.w"]
    assert sign.ask == "Will ∂loss/∂w be positive or negative?"
    assert right_option(sign) == "negative"
    assert sign.answer.hints()[0].startswith("Only the sign")
    cell = found["cell:grad.residual"]
    assert right_option(cell) == "∂loss/∂residual[2]"
    training.backward()
    ways = [each for each in choices(training, notation) if each.id.startswith("way:")]
    assert [(each.ask, right_option(each)) for each in ways] == [
        ("Will w go up or down?", "up"),
        ("Will b go up or down?", "up"),
    ]
    training.update()
    (way,) = (each for each in choices(training, notation) if each.name == "loss")
    assert (way.id, right_option(way)) == ("way:loss", "down")
    assert way.ask == "Will the loss go up or down?"


def test_no_cell_is_the_largest_where_two_are() -> None:
    training = line(x=(1.0, -1.0), y=(2.0, -2.0))
    found = choices(training, notation_of(training))
    assert found
    assert not any(each.id.startswith("cell:") for each in found)
