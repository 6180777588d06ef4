"""A path with a round trip of 100 ms, in a network of its own.

Whatever is sent to 10.77.0.2 comes back 50 ms later as if 10.77.0.2 had sent it, so one machine is both ends. Node
cannot ask the system for such an interface (TUN), which is why this one file is not TypeScript.

    unshare --user --map-root-user --net python3 distant-path.py COMMAND ...
"""

import collections
import fcntl
import os
import select
import struct
import subprocess
import sys
import time

ONE_WAY = 0.05
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


def reflected(packet):
    """Source and destination change places; a checksum that covers both stays right."""
    return packet[:12] + packet[16:20] + packet[12:16] + packet[20:]


tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", b"path", IFF_TUN | IFF_NO_PI))
for command in ("ip link set lo up", "ip addr add 10.77.0.1/30 dev path", "ip link set path up"):
    subprocess.run(command.split(), check=True)

program = subprocess.Popen(sys.argv[1:])
under_way = collections.deque()
while program.poll() is None:
    wait = max(0, under_way[0][0] - time.monotonic()) if under_way else ONE_WAY
    if select.select([tun], [], [], wait)[0]:
        packet = os.read(tun, 65536)
        if packet[0] >> 4 == 4:
            under_way.append((time.monotonic() + ONE_WAY, reflected(packet)))
    while under_way and under_way[0][0] <= time.monotonic():
        os.write(tun, under_way.popleft()[1])
sys.exit(program.returncode)
