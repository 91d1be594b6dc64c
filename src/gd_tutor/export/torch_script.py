"""A run as a script for PyTorch: autograd finds the gradient, `torch.optim` updates the parameters.

If a deliberate bug changes the gradient, backward is written line by line instead.
"""

from collections.abc import Sequence

from gd_tutor.engine.backward import derive
from gd_tutor.engine.bugs import ACCUMULATED
from gd_tutor.engine.expression import Apply, Line, Name, gradient_of, names, next_of
from gd_tutor.engine.optimizers import OPTIMIZERS
from gd_tutor.engine.program import Program
from gd_tutor.export.exported_run import Run
from gd_tutor.export.formula_source import WIDEST, WITH_TORCH
from gd_tutor.export.script import MARGIN, REMARKS, Script, block


def torch_script(run: Run) -> str:
    """The script: data and parameters, then a loop of forward, backward, update, clearing."""
    if not autograd_finds(run.program, run.training.experiment.bug.autograd_makes_it):
        return _by_hand(run)
    script = TorchScript(run)
    iteration = [
        *script.beginning(),
        *block(REMARKS["forward"], script.worked(run.program.forward)),
        *block(
            "backward: autograd works the chain rule from the loss back",
            [f"{script.name('loss')}.backward()"],
        ),
        *block(REMARKS["update"], script.moved()),
        *block("print, every digit", script.printed()),
        *block("the next backward would add to these gradients", script.cleared()),
    ]
    settings = [*script.settings(", requires_grad=True"), *script.optimizer_made()]
    return script.text(_imports(script), "PyTorch", settings, iteration)


def autograd_finds(program: Program, not_cleared: bool) -> bool:
    """Whether autograd finds the gradients that the update needs."""
    if not_cleared:
        return True  # PyTorch adds to gradients, too, unless they are cleared
    derived = derive(program.forward, program.parameters, program.shapes)
    own = set(map(gradient_of, program.parameters))
    used = {name for line in program.update for name in names(line.expression)}
    return (
        program.is_in_turn
        and program.backward == derived
        and all(name in own for name in used if name.startswith("grad."))
    )


def _by_hand(run: Run) -> str:
    """The script without autograd, from the lines of backward."""
    script = Script(run, WITH_TORCH)
    remarks = {**REMARKS, "backward": "backward by hand: autograd does not make this bug"}
    iteration = script.by_hand(remarks)
    settings = [*script.settings(), *script.remembered(run.program.state)]
    return script.text(_imports(script), "PyTorch", settings, iteration)


def _imports(script: Script) -> str:
    modules = ["import numpy as np"] if script.batches else []
    return "\n".join([*modules, "import torch", "", "torch.set_default_dtype(torch.float64)"])


class TorchScript(Script):
    """A script in which the gradient of w is `w.grad`."""

    def __init__(self, run: Run) -> None:
        super().__init__(run, WITH_TORCH)
        experiment = run.training.experiment
        self.not_cleared = experiment.bug.autograd_makes_it
        self.update = tuple(
            line
            for line in self.program.update
            if not line.name.startswith(next_of(f"{ACCUMULATED}."))
        )
        optimizer = OPTIMIZERS[experiment.choice("optimizer") or ""]
        known = optimizer.update(self.program.parameters) == self.update
        self.optimizer = optimizer.pytorch if known else None

    def name(self, name: str) -> str:
        space, _, bare = name.partition(".")
        if space == "grad" and bare in self.program.parameters:
            return f"{self.names[bare]}.grad"
        return super().name(name)

    def statements(self, line: Line, margin: int = len(MARGIN)) -> list[str]:
        """A line as statements; a value equal to a parameter is copied, lest it change with it."""
        rows = super().statements(line, margin)
        value = rows[-1].partition(" = ")[2].removesuffix(".T")
        if line in self.program.forward and value in self.parameters:
            rows[-1] += ".clone()"
        return rows

    @property
    def parameters(self) -> list[str]:
        return [self.names[name] for name in self.program.parameters]

    def optimizer_made(self) -> list[str]:
        """The optimizer, or the state of an update by hand."""
        if self.optimizer is None:
            return self.remembered(
                n for n in self.program.state if not n.startswith(f"{ACCUMULATED}.")
            )
        call = self.optimizer.format(f"[{', '.join(self.parameters)}]")
        row = f"optimizer = torch.optim.{call}"
        if len(row) <= WIDEST:
            return ["", row]
        moved = self.names.new("parameters")
        listed = [f"{moved} = [", *(f"{MARGIN}{name}," for name in self.parameters), "]"]
        return ["", *listed, f"optimizer = torch.optim.{self.optimizer.format(moved)}"]

    def new_rate(self) -> list[str]:
        if not self.rates or self.optimizer is None:
            return super().new_rate()
        return [
            "if iteration in learning_rates:",
            f'{MARGIN}optimizer.param_groups[0]["lr"] = learning_rates[iteration]',
        ]

    def moved(self) -> list[str]:
        """The update: the optimizer's step, or its lines, without autograd."""
        if self.optimizer is not None:
            return ["optimizer.step()"]
        rows = [row for line in self.update for row in self.step(line)]
        rows += [
            f"{self.names[name]}.copy_({self.name(next_of(name))})"
            if name in self.program.parameters
            else f"{self.names[name]} = {self.name(next_of(name))}"
            for name in self.program.carried
            if name not in self.overwritten and not name.startswith(f"{ACCUMULATED}.")
        ]
        return ["with torch.no_grad():", *(MARGIN + row for row in rows)]

    def step(self, line: Line) -> Sequence[str]:
        """A line of the update; parameters are changed in place, so that they stay leaves."""
        margin = 2 * len(MARGIN)
        owner = line.name.removeprefix("next.")
        if owner not in self.program.parameters or owner not in self.overwritten:
            return self.statements(line, margin)
        variable = self.names[owner]
        match line.expression:
            case Apply("subtract", (Name(name), step)) if name == owner:
                return self.assigned(f"{variable} -= {{}}", Line(line.name, step), margin)
            case Apply("add", (Name(name), step)) if name == owner:
                return self.assigned(f"{variable} += {{}}", Line(line.name, step), margin)
        return self.assigned(f"{variable}.copy_({{}})", line, margin)

    def cleared(self) -> list[str]:
        if self.not_cleared:
            return []
        if self.optimizer is not None:
            return ["optimizer.zero_grad()"]
        return [f"{name}.grad = None" for name in self.parameters]
