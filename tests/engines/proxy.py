"""A TCP proxy between a driver and its server that breaks connections on purpose.

`fault` takes effect for connections made after it was set, `None` passes everything on. `connections` counts them.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a connection; counts of bytes are of what the driver sends.

    `refuse`: closed at once. `reset_after`: reset once so many bytes were passed on. `stall_after`: nothing passes any
    more, the connection stays open until `release`. `lose_answer_to`: what contains these bytes reaches the server,
    whose answer is waited for and thrown away before the connection is reset: done, and nobody was told; `once` for
    drivers that ask again by themselves.
    """

    refuse: bool = False
    reset_after: int | None = None
    stall_after: int | None = None
    lose_answer_to: bytes | None = None
    once: bool = False


@dataclass
class Proxy:
    """Listens on `port` of 127.0.0.1 while it is entered."""

    server_port: int
    fault: Fault | None = None
    connections: int = 0
    port: int = 0
    faults_met: int = 0
    _listener: socket.socket = field(init=False)
    _open: set[socket.socket] = field(default_factory=set)
    _released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        # A thread that waits in accept() is only woken by shutting the socket down.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in list(self._open):
            each.close()

    def release(self) -> None:
        """Resets the connections that stall."""
        self._released.set()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.fault is not None and self.fault.refuse:
                self._break(client)
                continue
            server = socket.create_connection(("127.0.0.1", self.server_port))
            self._open |= {client, server}
            link = _Link(self, client, server, self.fault or Fault())
            for run in (link.requests, link.answers):
                threading.Thread(target=run, daemon=True).start()

    def _break(self, *sockets: socket.socket) -> None:
        """Resets, so that the peers see an error and no orderly end."""
        self.faults_met += 1
        for each in sockets:
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.shutdown(socket.SHUT_RDWR)
            each.close()
            self._open.discard(each)

    def wait_for_release(self) -> None:
        self._released.wait()


class _Link:
    """One connection."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket, fault: Fault) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._fault = fault
        self._passed = 0
        self._answer_is_lost = threading.Event()

    def requests(self) -> None:
        """Passes on what the driver sends, up to where the fault lies."""
        fault = self._fault
        with contextlib.suppress(OSError):
            while data := self._client.recv(65536):
                limit = fault.reset_after if fault.reset_after is not None else fault.stall_after
                if limit is not None and self._passed + len(data) > limit:
                    self._server.sendall(data[: limit - self._passed])
                    if fault.stall_after is not None:
                        self._proxy.wait_for_release()
                    self._proxy._break(self._client, self._server)
                    return
                over = fault.once and self._proxy.faults_met
                if fault.lose_answer_to is not None and fault.lose_answer_to in data and not over:
                    self._answer_is_lost.set()
                self._passed += len(data)
                self._server.sendall(data)
        self._end(self._server)

    def answers(self) -> None:
        """Passes on what the server sends."""
        with contextlib.suppress(OSError):
            while data := self._server.recv(65536):
                if self._answer_is_lost.is_set():
                    self._proxy._break(self._client, self._server)
                    return
                self._client.sendall(data)
        self._end(self._client)

    @staticmethod
    def _end(peer: socket.socket) -> None:
        with contextlib.suppress(OSError):
            peer.shutdown(socket.SHUT_WR)
