"""An SMTP server that only takes mail, in a process of its own; prints its port, and at the end
how many mails it took. As cheap as asyncio allows, since it shares the machine with what is
measured. `python -m benchmarks._sink SECONDS`: so long each reply takes."""

import asyncio
import sys


class Sink(asyncio.Protocol):
    def __init__(self, wait: float) -> None:
        self.wait = wait
        self.in_data = False
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        if self.in_data:
            self.rest = (self.rest + data)[-5:]
            if self.rest == b"\r\n.\r\n":
                self.in_data, self.rest = False, b""
                self.reply(b"250 OK\r\n")
            return
        for line in data.splitlines():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.in_data = True
                self.reply(b"354 go on\r\n")
            else:
                self.reply(b"221 bye\r\n" if verb == b"QUIT" else b"250 OK\r\n")

    def reply(self, words: bytes) -> None:
        if self.wait:
            asyncio.get_running_loop().call_later(self.wait, self.transport.write, words)
        else:
            self.transport.write(words)


async def main(wait: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Sink(wait), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
