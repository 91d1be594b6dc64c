"""The one walk over a formula's tree that writes it down, in any dialect."""

from collections.abc import Iterable

from gd_tutor.engine.expression import Apply, Expression, Name, Number
from gd_tutor.notation.spellings import Dialect, Text, held


class Printer:
    """Writes formulas in a dialect, each operation as its row of the table spells it.

    A subclass says how numbers and names are written. An operation that needs more than its
    spelling has a method of its own name, which is given the node and its arguments.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def write(self, node: Expression) -> Text:
        match node:
            case Number(value):
                return self.write_number(value)
            case Name(name):
                return self.write_name(name)
        method = getattr(self, node.operation, None)
        text: Text = method(node, *node.arguments) if method else self.plainly(node)
        return text

    def write_number(self, value: float) -> Text:
        raise NotImplementedError

    def write_name(self, name: str) -> Text:
        raise NotImplementedError

    def arguments(self, node: Apply) -> list[Text]:
        """The arguments of an operation, as they stand in it."""
        return [self.write(argument) for argument in node.arguments]

    def plainly(self, node: Apply) -> Text:
        """An operation with nothing special about it."""
        index = ", ".join(map(str, node.index or ()))
        return self.spell(node.operation, self.arguments(node), index=index)

    def spell(self, operation: str, arguments: Iterable[Text], **words: object) -> Text:
        """An operation of texts, each in brackets where it would fall apart in it."""
        spelling = self.dialect.spelling(operation)
        texts = map(held, arguments, spelling.least)
        return spelling.pattern.format(*texts, **words), spelling.binds
