"""One packet in ten is lost: SCTP sends it again, and no call fails."""
import contextlib
import pathlib
import subprocess

from harness import check
from harness.kernel import in_guest

SCTP = True
LIMIT = 180
CALLS = 60


@contextlib.contextmanager
def loss():
    """As long as it lasts: others have the guest afterwards."""
    settings = [pathlib.Path("/proc/sys/net/sctp", name) for name in ("rto_min", "rto_initial")]
    before = [setting.read_text() for setting in settings]
    for setting in settings:
        setting.write_text("100")
    subprocess.run(["tc", "qdisc", "add", "dev", "lo", "root", "netem", "loss", "10%"], check=True)
    try:
        yield
    finally:
        subprocess.run(["tc", "qdisc", "del", "dev", "lo", "root"], check=True)
        for setting, text in zip(settings, before):
            setting.write_text(text)


def test(env):
    if not in_guest():
        env.skip("loses packets of the loopback: only in a guest kernel")
    with loss():
        calls(env)
        lost = subprocess.run(["tc", "-s", "qdisc", "show", "dev", "lo"], capture_output=True, text=True, check=True).stdout
    check("dropped 0," not in lost, f"nothing was lost: {lost}")


def calls(env):
    # Messages overtake each other (RFC 4168 5.1), which SIPp does not expect: there is time between them.
    called = env.sipp("uas_call.xml", values={"RING": 2500}, calls=CALLS, transport="s1")
    server = env.server("to_callee_by.lua", values={"CALLEE": called.hostport, "BY": "sctp"},
                        transports=("udp", "sctp"))
    calling = env.sipp("uac_call.xml", target=server, calls=CALLS, rate=10, transport="s1",
                       values={"USER": "callee", "TALK": 2500})
    calling.finish(90)
    called.finish(30)
