"""Reads a capture into a DataFrame and draws records per level over time.

python capture_plot.py CAPTURE.pcap PICTURE.png       needs pandas and matplotlib
"""

import sys

import matplotlib
import netcon
import pandas

matplotlib.use("Agg")


def load(path: str) -> pandas.DataFrame:
    """One row per record: a collector reassembles the fragments first."""
    collector = netcon.Collector()
    packets = netcon.read_pcap(path)
    events = [event for p in packets for event in collector.push(p.sender, p.payload, p.time)]
    events += collector.flush()
    found = [event for event in events if event.record is not None]
    frame = pandas.DataFrame(netcon.decode_many([event.record.packet for event in found]))
    frame["sender"] = [str(event.sender) for event in found]
    frame["time"] = pandas.to_datetime([event.time for event in found], unit="s")
    return frame[frame.extended]


def main(capture: str, picture: str) -> None:
    frame = load(capture)
    names = {int(level): str(level) for level in netcon.Level}
    seconds = (frame.timestamp_us // 100_000) / 10
    counts = frame.groupby([seconds, frame.level.map(names)]).size().unstack(fill_value=0)
    axes = counts.plot.area(figsize=(8, 4), linewidth=0)
    axes.set(xlabel="seconds since boot", ylabel="records in 0.1 s", title=capture)
    axes.figure.savefig(picture, dpi=120)
    print(f"{len(frame)} records of {frame.sender.nunique()} sender(s)")


if __name__ == "__main__":
    main(*sys.argv[1:3])
