"""Figures, what each must reach, and the table of them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

RESULTS = Path(__file__).parent / "results.json"
Sense = Literal["least", "most"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what was seen, and the least or the most it may be."""

    name: str
    value: float
    sense: Sense
    bound: float
    unit: str = ""
    note: str = ""
    valid: bool = True

    @property
    def verdict(self) -> str:
        """`ok`, `short`, or `not valid` when the measure itself did not hold."""
        if not self.valid:
            return "not valid"
        return "ok" if (self.value >= self.bound if self.sense == "least" else self.value <= self.bound) else "short"

    def line(self) -> str:
        """A line of the table."""
        sign = "≥" if self.sense == "least" else "≤"
        shown = f"{self.value:.3g}" if self.value < 1000 else f"{self.value:.0f}"
        return f"{self.verdict:9} {self.name:74} {shown:>7} {sign} {self.bound:g} {self.unit:6} {self.note}"


@dataclass(slots=True)
class Table:
    """All figures of a run, told as they come."""

    figures: list[Figure] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        """Print and keep a figure."""
        print(figure.line(), flush=True)
        self.figures.append(figure)

    def end(self) -> int:
        """Write bench/results.json, the figures of other runs kept; 1 if one of this run is short."""
        kept = {one["name"]: one for one in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}
        kept |= {one.name: {**asdict(one), "verdict": one.verdict} for one in self.figures}
        RESULTS.write_text(json.dumps(list(kept.values()), indent=1, ensure_ascii=False) + "\n")
        return int(any(figure.verdict != "ok" for figure in self.figures))


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of interleaved pairs."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def pairs(ours: Sequence[float], theirs: Sequence[float], scale: float = 1.0) -> str:
    """The pairs behind a ratio, for the note."""
    return " ".join(f"{a * scale:.3g}/{b * scale:.3g}" for a, b in zip(ours, theirs, strict=True))


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which `part` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
