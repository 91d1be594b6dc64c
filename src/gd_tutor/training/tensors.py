"""Plain lists and numbers as tensors."""

from collections.abc import Sequence

from gd_tutor.program import Tensor, shape_of_tensor


def tensor_of(value: object) -> Tensor:
    """Plain lists and numbers as a tensor; ValueError for anything else or for uneven rows."""
    if isinstance(value, bool):
        raise ValueError("not a number")
    if isinstance(value, int | float):
        return _finite(value)
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        items = tuple(map(tensor_of, value))
        shapes = {shape_of_tensor(item) for item in items}
        if len(shapes) == 1 and len(shapes.pop()) < 2:
            return items
    raise ValueError("not a number, a list of numbers or a list of equally long lists")


def _finite(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if number - number != 0:
        raise ValueError("not a finite number")
    return number
