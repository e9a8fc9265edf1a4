"""Tries a change of a target on a model of a kernel before it is made: python rehearse_configfs.py PARAMETER KERNEL"""

import sys

import netcon
from netcon import configfs


def main(parameter: str, kernel: str) -> None:
    tree = configfs.MemoryTree(kernel, [{"name": "eth0", "ipv4": ["10.0.0.1"]}])
    userdata = {"host": "box1"} if "userdata" in tree.kernel.features else {}
    try:
        settings = netcon.parse_target(parameter, kernel).resolve()
        plan = configfs.create("box1", configfs.State(settings, userdata=userdata), kernel)
        plan.apply(tree)
    except (OSError, netcon.Error) as refusal:
        sys.exit(f"Linux {kernel} would refuse: {refusal}")
    assert configfs.read(tree, "box1").enabled
    print(plan.to_shell())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
