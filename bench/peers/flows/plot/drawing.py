"""Draws the raw figures of `bench/plot`; runs in an environment of its own, which has matplotlib.

Usage: python drawing.py RAW.json PICTURE.svg
"""

import json
import sys
from pathlib import Path
from statistics import median

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "venue-monitor"  # the same picture from the same figures
from matplotlib import pyplot as plt  # noqa: E402 - after the choice of what draws


def draw(raw, picture):
    """Draw events a second against each size, with every round as a dot."""
    figure, axes = plt.subplots(1, len(raw), figsize=(11, 3.2), sharey=True)
    for ax, (what, sizes) in zip(axes, raw.items(), strict=True):
        names = [f"{int(size):,}" for size in sizes]
        rates = [[1e6 / cost for cost in costs] for costs in sizes.values()]
        for n, each in enumerate(rates):
            ax.plot([n] * len(each), each, "o", color="#8ab", markersize=4)
        ax.plot(range(len(names)), [median(each) for each in rates], "-o", color="#235")
        ax.set_xticks(range(len(names)), names)
        ax.set_xlabel(what)
        ax.set_ylim(bottom=0)
        ax.grid(axis="y", alpha=0.3)
    axes[0].set_ylabel("messages a second of CPU")
    figure.tight_layout()
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2])
