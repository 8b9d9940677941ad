"""Kernels: whether this one has SCTP, and where one that has is found."""
import functools
import os
import pathlib
import socket

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "with-sctp-kernel"

IPPROTO_SCTP = 132  # not every Python has the name


@functools.cache
def has_sctp():
    """Asking for a socket has the kernel load the module, if it has one."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_SCTP).close()
        return True
    except OSError:
        return False


def in_guest():
    """The kernel is a guest of t/with-sctp-kernel, and the network nobody else's."""
    return "SCTP_GUEST" in os.environ


def why_no_guest(variant):
    """Why that build cannot run in a guest; None if it can."""
    if variant in ("asan", "tsan"):
        return "this kernel has no SCTP, and the guest kernel that has it too few addresses for a sanitizer"
    return None


def guest_command(limit):
    """What comes before a command that shall run under a kernel with SCTP, for so many seconds at most."""
    return [str(SCRIPT), "-t", str(limit)]
