"""Draws the records of a capture per level over time: python capture_plot.py CAPTURE PICTURE.png [PORT]"""

import sys

import matplotlib
import netcon
import pandas

matplotlib.use("Agg")


def main(capture: str, picture: str, port: int | None = None) -> None:
    frame = pandas.DataFrame(netcon.decode_many(netcon.read_records(capture, port)))
    names = {int(level): str(level) for level in netcon.Level} | {-1: "unknown"}
    seconds = (frame.time - frame.time.min()) // 0.1 / 10
    counts = frame.groupby([seconds, frame.level.map(names)]).size().unstack(fill_value=0)
    axes = counts.plot(drawstyle="steps-post", figsize=(8, 4))
    axes.set(xlabel="seconds", ylabel="records in 0.1 s", title=capture)
    axes.figure.savefig(picture, dpi=120)
    print(f"{len(frame)} records of {frame.sender.nunique()} sender(s)")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:4]))
