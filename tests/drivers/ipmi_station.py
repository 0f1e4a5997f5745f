"""A BMC on the network: ipmi_sim of OpenIPMI."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import need, on_free_port

LAN = """\
name "bmc"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 {port}
    priv_limit admin
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
{sol}  user 1 true "" "test" user 10 none md2 md5 straight
  user 2 true "admin" "sesame" admin 10 none md2 md5 straight
"""
EMU = """\
mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
mc_enable 0x20
"""


@contextmanager
def ipmi_sim(folder: Path, sol: str = "", emulator: str = EMU) -> Iterator[int]:
    path = need("ipmi_sim")
    tool = need("ipmitool")
    (folder / "sim.emu").write_text(emulator)
    (folder / "password").write_text("sesame")

    def command(port: int) -> list[str]:
        (folder / "lan.conf").write_text(LAN.format(port=port, sol=f'  sol "{sol}" 115200\n' if sol else ""))
        return [path, "-n", "-c", str(folder / "lan.conf"), "-f", str(folder / "sim.emu"), "-s", str(folder / "state")]

    def ready(port: int) -> bool:
        login = f"-I lanplus -C 3 -H 127.0.0.1 -p {port} -U admin -f {folder / 'password'}".split()
        done = subprocess.run([tool, *login, "-N", "1", "-R", "1", "mc", "info"], capture_output=True, check=False)
        return done.returncode == 0

    with on_free_port(command, folder / "sim.log", ready=ready, kind=socket.SOCK_DGRAM) as port:
        yield port
