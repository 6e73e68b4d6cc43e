"""An SMTP server for the digests benchmark that accepts and drops every mail; prints its port.

`python -m benchmarks._sink SECONDS` waits that long before each reply. It does as little as it can,
because it shares the processor with what is measured.
"""

import asyncio
import sys


class Sink(asyncio.Protocol):
    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.in_data = False
        self.last_bytes = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        if self.in_data:
            self.last_bytes = (self.last_bytes + data)[-5:]
            if self.last_bytes == b"\r\n.\r\n":
                self.in_data, self.last_bytes = False, b""
                self.reply(b"250 OK\r\n")
            return
        for line in data.splitlines():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.in_data = True
                self.reply(b"354 Go ahead\r\n")
            else:
                self.reply(b"221 Bye\r\n" if verb == b"QUIT" else b"250 OK\r\n")

    def reply(self, line: bytes) -> None:
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.transport.write, line)
        else:
            self.transport.write(line)


async def main(delay: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Sink(delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
