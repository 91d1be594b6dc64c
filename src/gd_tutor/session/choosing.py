"""The kinds of choices that are made together, each group by one key."""

CONVENTIONS = ("average", "residual", "scale")
BUGS = ("bug",)
OPTIMIZERS = ("optimizer", "batch", "seed")
EXPERIMENTS = ("experiment",)
