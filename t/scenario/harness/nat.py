"""A network of its own, with a phone behind a real NAT: nftables masquerade between network namespaces."""
import contextlib
import ctypes
import os
import shutil
import subprocess

CLONE_NEWNET = 0x40000000
RULES = """\
table ip nat {
  chain out {
    type nat hook postrouting priority 100
    oifname "wan" masquerade random
  }
}
"""
_libc = ctypes.CDLL(None, use_errno=True)


class NatNetwork:
    """Moves this test into a network namespace that has `server_ip`, and makes two more: of the NAT, which draws a port
    at random for each mapping and forgets one after `idle` seconds, and of the phone behind it at `phone_ip`. The test
    is skipped where that cannot be done."""

    server_ip, nat_ip, phone_ip = "198.51.100.1", "198.51.100.2", "192.168.1.2"

    def __init__(self, env, idle=30):
        self.env = env
        if os.geteuid() != 0:
            env.skip("network namespaces are root's to make")
        for program in ("ip", "nft", "nsenter", "sysctl", "unshare"):
            if not shutil.which(program):
                env.skip(f"needs {program}")
        if _libc.unshare(CLONE_NEWNET) != 0:
            env.skip(f"no network namespace can be made: {os.strerror(ctypes.get_errno())}")
        self.nat, self.phone = self._holder(), self._holder()
        try:
            self._connect(idle)
        except subprocess.CalledProcessError as error:
            env.skip(f"{error.cmd[0]} cannot set up a NAT here: {error.stderr.decode().strip()}")

    def _holder(self):
        """A process whose network namespace is a new one."""
        process = self.env.spawn(["unshare", "--net", "sh", "-c", "echo; exec sleep infinity"], stdout=subprocess.PIPE)
        process.stdout.readline()
        return process.pid

    def _run(self, command, pid=None, text=None):
        inside = ["nsenter", "--target", str(pid), "--net"] if pid else []
        subprocess.run([*inside, *command.split()], check=True, capture_output=True,
                       input=text.encode() if text else None)

    def _connect(self, idle):
        self._run("ip link set lo up")
        self._run(f"ip link add server type veth peer name wan netns {self.nat}")
        self._run(f"ip link add lan netns {self.nat} type veth peer name phone netns {self.phone}")
        self._run(f"ip address add {self.server_ip}/24 dev server")
        self._run("ip link set server up")
        for device, address in (("lo", None), ("wan", f"{self.nat_ip}/24"), ("lan", "192.168.1.1/24")):
            if address:
                self._run(f"ip address add {address} dev {device}", self.nat)
            self._run(f"ip link set {device} up", self.nat)
        self._run("sysctl -w net.ipv4.ip_forward=1", self.nat)
        self._run("nft -f -", self.nat, RULES)
        for name in ("udp_timeout", "udp_timeout_stream", "tcp_timeout_established"):
            self._run(f"sysctl -w net.netfilter.nf_conntrack_{name}={idle}", self.nat)
        self._run("ip link set lo up", self.phone)
        self._run(f"ip address add {self.phone_ip}/24 dev phone", self.phone)
        self._run("ip link set phone up", self.phone)
        self._run("ip route add default via 192.168.1.1", self.phone)

    @contextlib.contextmanager
    def behind(self):
        """What is opened meanwhile is behind the NAT."""
        with open("/proc/self/ns/net", "rb") as here, open(f"/proc/{self.phone}/ns/net", "rb") as there:
            self._enter(there)
            try:
                yield
            finally:
                self._enter(here)

    def _enter(self, namespace):
        if _libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            self.env.fail(f"setns: {os.strerror(ctypes.get_errno())}")

    def endpoint(self, name="phone"):
        """A phone behind the NAT, which knows nothing of it."""
        with self.behind():
            return self.env.endpoint(name, self.phone_ip)
