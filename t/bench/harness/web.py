"""A web server whose answers take their time."""
import collections
import select
import socket
import threading
import time

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Web:
    """Answers everything with 200, `delay` seconds after it was asked; without a delay it says nothing until speak()."""

    def __init__(self, delay=None):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
        self.url = "http://127.0.0.1:%d/" % self._listener.getsockname()[1]
        self.connections = 0
        self._delay, self._speaks = delay or 0, delay is not None
        threading.Thread(target=self._run, daemon=True).start()

    def speak(self):
        self._speaks = True

    def _run(self):
        poll, known, owed = select.epoll(), {}, collections.deque()
        poll.register(self._listener, select.EPOLLIN)
        while True:
            for number, _ in poll.poll(0.01 if owed else 1):
                if number == self._listener.fileno():
                    one, _ = self._listener.accept()
                    known[one.fileno()] = one
                    poll.register(one, select.EPOLLIN)
                    self.connections += 1
                elif asked := known[number].recv(65536):
                    owed.append((time.monotonic() + self._delay, number, asked.count(b"\r\n\r\n")))
                else:
                    poll.unregister(number)
                    known.pop(number).close()
            while owed and self._speaks and owed[0][0] <= time.monotonic():
                _, number, count = owed.popleft()
                if number in known:
                    known[number].sendall(ANSWER * count)
