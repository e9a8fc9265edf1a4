# SPDX-License-Identifier: MIT
"""What several programs reach of include/netcon, of which llvm-cov export wrote one line of JSON each to stdin.

Each program by itself, then the best of all: given several, llvm-cov believes the first that knows a function, and
a header that a program includes without using it is known, and not reached. Of a template every instance counts for
the same lines and branches. Exit code 1 below 95 % of the lines or 90 % of the branches.
"""

import collections
import json
import sys


def lines_of(segments):
    """(line, count) of each line that holds code, by llvm-cov's own rules."""
    starting = collections.defaultdict(list)
    for line, _, count, counted, begins, is_gap in segments:
        starting[line].append((count, counted, begins, is_gap))
    around = None
    for line in range(segments[0][0], segments[-1][0] + 1) if segments else []:
        here = starting[line]
        begun = [count for count, counted, begins, is_gap in here if counted and begins and not is_gap]
        skipped = here and not here[0][1] and here[0][2]
        if not skipped and (begun or (around and around[1])):
            yield line, max(begun + [around[0] if around and around[1] else 0])
        if here:
            around = here[-1]


def ranges(numbers, all_numbers):
    """Neighbours in all_numbers as FIRST-LAST."""
    row = []
    for number in all_numbers:
        if number not in numbers:
            row and (yield row)
            row = []
        else:
            row = [row[0], number] if row else [number]
    row and (yield row)


lines, branches = collections.defaultdict(dict), collections.defaultdict(dict)
for program in sys.stdin:
    for file in json.loads(program)["data"][0]["files"]:
        name = file["filename"].partition("include/netcon/")[2]
        for line, count in lines_of(file["segments"]):
            lines[name][line] = max(count, lines[name].get(line, 0))
        for branch in file["branches"]:
            for way in (4, 5):
                key = (*branch[:4], way)
                branches[name][key] = max(branch[way], branches[name].get(key, 0))

for name in sorted(lines):
    missed = {line for line, count in lines[name].items() if count == 0}
    places = ["-".join(map(str, place)) for place in ranges(missed, sorted(lines[name]))]
    if places:
        print(f"not reached: {name}: {' '.join(places)}")


def share(counts):
    return 100 * sum(count > 0 for count in counts) / max(len(counts), 1) if counts else 100


def show(name, line_counts, branch_counts):
    print(
        f"{name:30} lines {share(line_counts):6.2f} % of {len(line_counts):5}   "
        f"branches {share(branch_counts):6.2f} % of {len(branch_counts):5}"
    )
    return share(line_counts) >= 95 and share(branch_counts) >= 90


for name in sorted(lines):
    show(name, list(lines[name].values()), list(branches[name].values()))
enough = show(
    "all",
    [count for file in lines.values() for count in file.values()],
    [count for file in branches.values() for count in file.values()],
)
sys.exit(0 if enough else 1)
