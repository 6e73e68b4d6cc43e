"""Prints the results of the benchmarks: tables of figures, targets met or missed, system load."""

import os

from rich.console import Console
from rich.table import Table

console = Console(width=110)


def figure_table(title: str, label: str, *figures: str) -> Table:
    """An empty table with the system load in its title: one column of labels, then of figures."""
    table = Table(title=f"{title} (load {load_average()})")
    table.add_column(label)
    for heading in figures:
        table.add_column(heading, justify="right")
    return table


def load_average() -> str:
    """Mean number of running processes in the last 1, 5 and 15 minutes."""
    return " ".join(f"{mean:.1f}" for mean in os.getloadavg())


def print_verdicts(verdicts: dict[str, bool]) -> bool:
    """Print each result and whether it meets its target; True if all do."""
    for result, met in verdicts.items():
        console.print(f"{'[green]met[/]' if met else '[red]missed[/]'}  {result}")
    return all(verdicts.values())
