"""The learning-rate finder and many starts as lines of text."""

from collections.abc import Iterator
from string import ascii_uppercase

from gd_tutor.program import LEARNING_RATE
from gd_tutor.search.rates import Rates, rates_sentence
from gd_tutor.search.starts import Starts, point_words, starts_sentence
from gd_tutor.session.session import Session


def rates(session: Session, known: Rates) -> Iterator[str]:
    """Every learning rate with the loss that it leads to, and what that means."""
    notation = session.notation
    yield f"{notation.name(LEARNING_RATE)}, and the loss after {known.updates} updates:"
    losses = iter(notation.row(one.loss for one in known.tried if not one.diverged))
    for one in known.tried:
        now = " (now)" if one.rate == known.present else ""
        yield f"{notation.number(one.rate)}{now}: {'diverges' if one.diverged else next(losses)}"
    yield rates_sentence(known, notation)
    yield "Type rates and one of them to take it."


def starts(session: Session, known: Starts) -> Iterator[str]:
    """Every start with its end, and how many lead where."""
    training, notation = session.training, session.notation
    assert training is not None
    losses = iter(notation.row(one.loss for one in known.tried if not one.diverged))
    for place, one in enumerate(known.tried):
        now = " (now)" if place == 0 else ""
        begin = point_words(training, one.begin, notation)
        if one.diverged:
            yield f"{place + 1}{now}: from {begin}: diverges"
            continue
        end, loss = point_words(training, one.end, notation), next(losses)
        letter = ascii_uppercase[known.group_of(place) % len(ascii_uppercase)]
        yield f"{place + 1}{now}: from {begin} to {end}: loss {loss}, end {letter}"
    yield starts_sentence(known, notation)
    yield "Type starts and the number of one to begin the run there."
