"""Redis as Debian has it, on ports and in directories of its own: a server, a Cluster, servers that Sentinels watch."""
import os
import shutil
import signal
import subprocess
import time

from .server import free_tcp_port

START_LIMIT = 30


class RedisServer:
    """A server. It may be stopped, frozen and started again; what it has is kept, as its command log."""

    module = "cachedb_redis"

    def __init__(self, env, *options, program="redis-server", port=0, account=""):
        if not shutil.which(program):
            env.skip(f"no {program}")
        self.env, self.ip, self.account, self.process = env, env.ip, account, None
        self.port = port or free_tcp_port(self.ip)
        self.directory = env.directory / f"redis-{self.port}"
        self.directory.mkdir()
        self.config = self.directory / "redis.conf"
        self.config.write_text("\n".join([f"bind {self.ip}", f"port {self.port}", f'dir "{self.directory}"',
                                          "protected-mode no", *options, ""]))
        self.program = program
        env.open.append(self)
        self.start()

    @property
    def hostport(self):
        return f"{self.ip}:{self.port}"

    @property
    def url(self):
        return f"redis://{self.account}{self.hostport}/0"

    def start(self):
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen([self.program, str(self.config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.until(lambda: self.command("PING", check=False) in ("PONG", "NOAUTH Authentication required."), "start")

    def until(self, good, what):
        deadline = time.monotonic() + START_LIMIT * self.env.patience
        while not good():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.env.fail(f"{self.program} at {self.hostport} does not {what}: see {self.directory}/log")
            time.sleep(0.1)

    def command(self, *words, check=True):
        """What redis-cli prints."""
        account = ["--user", self.account.split(":")[0], "--pass", self.account.split(":")[1].rstrip("@")] if self.account else []
        done = subprocess.run(["redis-cli", "-h", self.ip, "-p", str(self.port), "--no-auth-warning", *account, *words],
                              check=check, capture_output=True)
        return done.stdout.decode().strip()

    def stop(self):
        self.process.terminate()
        self.process.wait(START_LIMIT)

    def kill(self):
        self.process.kill()
        self.process.wait(START_LIMIT)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()


class RedisCluster:
    """Three masters, which have a third of the keys each."""

    def __init__(self, env):
        self.servers = []
        for _ in range(3):
            port = cluster_port(env.ip)
            self.servers.append(RedisServer(env, "cluster-enabled yes", "cluster-node-timeout 2000", "appendonly yes",
                                            f"cluster-announce-ip {env.ip}", port=port))
        subprocess.run(["redis-cli", "--cluster", "create", *[one.hostport for one in self.servers], "--cluster-yes"],
                       check=True, stdout=subprocess.DEVNULL, timeout=60 * env.patience)
        for one in self.servers:
            one.until(lambda: "cluster_state:ok" in one.command("CLUSTER", "INFO"), "join the Cluster")

    @property
    def url(self):
        return "redis://" + ",".join(one.hostport for one in self.servers)

    def owner_of(self, key):
        slot = self.servers[0].command("CLUSTER", "KEYSLOT", key)
        for one in self.servers:
            if one.command("CLUSTER", "COUNTKEYSINSLOT", slot) == "1":
                return one
        return None


def cluster_port(ip):
    """One below 55536: the bus of a Cluster is at 10000 more."""
    while True:
        port = free_tcp_port(ip)
        if port < 55536:
            return port


class RedisSentinels:
    """A master, a replica, and three Sentinels that watch them."""

    NAME = "mymaster"

    def __init__(self, env):
        self.master = RedisServer(env)
        self.replica = RedisServer(env, f"replicaof {self.master.ip} {self.master.port}", f"replica-announce-ip {env.ip}")
        self.replica.until(lambda: "master_link_status:up" in self.replica.command("INFO", "replication"), "follow")
        self.sentinels = [RedisServer(
            env, f"sentinel monitor {self.NAME} {self.master.ip} {self.master.port} 2",
            f"sentinel announce-ip {env.ip}", f"sentinel down-after-milliseconds {self.NAME} 1000", f"sentinel failover-timeout {self.NAME} 5000",
            program="redis-sentinel") for _ in range(3)]
        for one in self.sentinels:   # each knows the replica and the others
            one.until(lambda: all(word in one.command("SENTINEL", "MASTER", self.NAME).split("\n")
                                  for word in ("num-other-sentinels", "num-slaves"))
                      and self.number(one, "num-slaves") == 1 and self.number(one, "num-other-sentinels") == 2, "meet the others")

    def number(self, sentinel, name):
        lines = sentinel.command("SENTINEL", "MASTER", self.NAME).split("\n")
        return int(lines[lines.index(name) + 1])

    @property
    def url(self):
        return "redis://" + ",".join(one.hostport for one in self.sentinels) + "/" + self.NAME
