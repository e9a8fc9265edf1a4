"""Draws the records of a capture per level over time: python capture_plot.py CAPTURE PICTURE.png [PORT]"""

import sys

import netcon
import pandas
from matplotlib.figure import Figure


def main(capture: str, picture: str, port: int | None = None) -> None:
    if (frame := pandas.DataFrame(netcon.decode_many(netcon.read_records(capture, port)))).empty:
        sys.exit(f"{capture} has no records")
    names = {int(level): str(level) for level in netcon.Level} | {-1: "unknown"}
    tenths = ((frame.time - frame.time.min()) * 10).astype(int)
    counts = frame.groupby([tenths, frame.level.map(names)]).size().unstack(fill_value=0)
    figure = Figure(figsize=(8, 4))
    axes = counts.reindex(range(tenths.max() + 2), fill_value=0).plot(ax=figure.subplots(), drawstyle="steps-post")
    axes.set(xlabel="tenths of a second", ylabel="records", title=capture)
    figure.savefig(picture, dpi=120)
    print(f"{len(frame)} records of {frame.sender.nunique()} sender(s)")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:4]))
