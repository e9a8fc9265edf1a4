# SPDX-License-Identifier: MIT
"""Files of a target that mkdir has made."""

NEW_TARGET = {
    "enabled": "0",
    "extended": "0",
    "release": "0",
    "dev_name": "eth0",
    "local_port": "6665",
    "remote_port": "6666",
    "local_ip": "0.0.0.0",
    "remote_ip": "0.0.0.0",
    "local_mac": "ff:ff:ff:ff:ff:ff",
    "remote_mac": "ff:ff:ff:ff:ff:ff",
}
