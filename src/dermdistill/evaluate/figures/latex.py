"""A table as LaTeX, for a paper: booktabs, a caption and a label."""

import pandas as pd

_ESCAPED = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_ESCAPED |= {sign: f"\\{sign}" for sign in "&%$#_{}"}


def latex(table: pd.DataFrame, *, caption: str, label: str) -> str:
    """The table with its column names; needs the package booktabs. Cells are text and are escaped."""
    lines = [
        r"\begin{table}",
        rf"\caption{{{escaped(caption)}}}",
        rf"\label{{tab:{label}}}",
        rf"\begin{{tabular}}{{{'l' * table.shape[1]}}}",
        r"\toprule",
        _row(table.columns),
        r"\midrule",
        *map(_row, table.to_numpy()),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: object) -> str:
    """Text in which no sign commands LaTeX."""
    return "".join(_ESCAPED.get(sign, sign) for sign in str(text))


def _row(cells: object) -> str:
    return " & ".join(map(escaped, cells)) + r" \\"  # type: ignore[call-overload]
