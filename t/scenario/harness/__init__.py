"""What the scenarios are written with: see ../README.md."""
from .call import Alive, Call, CalledSide, establish, hang_up
from .databases import MariaDb, SqliteFile, create_tables
from .dns import NameServer, Nsd, Unbound, name_servers, record
from .endpoint import Endpoint, code_of
from .env import Env, Failure, Skip, check, equal
from .management import Datagram, Fifo, Stream, request, statistics, wait_for_statistic
from .message import Message, SDP, fresh
from .nat import NatNetwork

__all__ = ["Alive", "Call", "CalledSide", "Datagram", "Endpoint", "Env", "Failure", "Fifo", "MariaDb", "Message",
           "NameServer", "NatNetwork", "Nsd", "SDP", "Skip", "SqliteFile", "Stream", "Unbound", "check", "code_of", "create_tables",
           "equal", "establish", "fresh", "hang_up", "name_servers", "record", "request", "statistics",
           "wait_for_statistic"]
