"""What the scenarios are written with: see ../README.md."""
from .call import Alive, Call, CalledSide, establish
from .endpoint import Endpoint, code_of
from .env import Env, Failure, Skip, check, equal
from .management import Datagram, Fifo, Stream, request
from .message import Message, SDP, fresh

__all__ = ["Alive", "Call", "CalledSide", "Datagram", "Endpoint", "Env", "Failure", "Fifo", "Message", "SDP", "Skip",
           "Stream", "check", "code_of", "equal", "establish", "fresh", "request"]
