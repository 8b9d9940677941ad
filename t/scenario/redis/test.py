"""Scripts use Redis: alone, with passwords, as a Cluster, behind Sentinels; stopped, frozen, and what is none."""
import socket
import threading
import time

from harness import Stream, check, equal
from harness.redis import RedisCluster, RedisSentinels, RedisServer

LIMIT = 180
BASICS = ("nil; true; nil:refused; value; 1; 42; true; true; true; 1; {a=1 b b=x y}; true; {}; true; false; 3; "
          "{1=x 2=2 3=z}; {1=false 2=42}; {1=1 2={1=2 2=three 3={1=4}} 3=false}; "
          "nil:statement: WRONGTYPE Operation against a key holding the wrong kind of value; "
          "nil:statement: multi is refused; OK; nil")


class Asker:
    def __init__(self, env, url, **globals_):
        script = (env.folder / "route.lua").read_text().replace("@URL@", url)
        self.server = env.server(script, modules=["cachedb_redis"], workers=2,
                                 globals_={"db_query_timeout": 1000, "db_connect_timeout": 1000, **globals_})
        self.endpoint = env.endpoint("asker")

    def __call__(self, what, key=None):
        request = self.endpoint.request("MESSAGE", f"sip:{what}@{self.server.hostport}",
                                        headers=[("X-Key", key)] if key else [])
        self.endpoint.send(request, self.server)
        final = self.endpoint.expect_final(request)
        return final.code, final.get("X-Said")

    def until(self, what, good, key=None):
        for _ in range(400):
            said = self(what, key)
            if good(said):
                return said
            time.sleep(0.1)
        raise AssertionError(f"{what} still says {said}")


def test_commands(env):
    redis = RedisServer(env)
    equal(Asker(env, redis.url)("basics"), (200, BASICS), "what it says")
    equal(redis.command("GET", "evil"), "a\r\nSET other 1", "bytes are bytes")


def test_with_a_password(env):
    redis = RedisServer(env, "user default off", "user opensips on >s@cret ~* +@all", account="opensips:s@cret@")
    equal(Asker(env, redis.url.replace("s@cret", "s%40cret"))("basics"), (200, BASICS), "what it says")


def test_a_wrong_password(env):
    redis = RedisServer(env, "user default off", "user opensips on >s@cret ~* +@all", account="opensips:s@cret@")
    ask = Asker(env, redis.url.replace("s@cret", "wrong"))
    equal(ask("get", "key"), (503, "unavailable"), "the answer")
    ask.server.wait_log("WRONGPASS")


def test_a_database_by_its_number(env):
    redis = RedisServer(env)
    equal(Asker(env, redis.url[:-1] + "3")("set", "key"), (200, "true"), "what it says")
    equal(redis.command("-n", "3", "GET", "key"), "value of key", "what is kept")


def test_a_cluster(env):
    """Each key is found, whoever has it, also after it has moved."""
    cluster = RedisCluster(env)
    ask = Asker(env, cluster.url)
    keys = [f"key{i}" for i in range(30)]
    for key in keys:
        equal(ask("set", key), (200, "true"), key)
    owners = {cluster.owner_of(key).port for key in keys}
    equal(len(owners), 3, "servers that have some")
    for key in keys:
        equal(ask("get", key), (200, f"value of {key}"), key)
    owner = cluster.owner_of("key1")
    other = next(one for one in cluster.servers if one is not owner)
    slot = owner.command("CLUSTER", "KEYSLOT", "key1")
    ids = {one.port: one.command("CLUSTER", "MYID") for one in cluster.servers}
    other.command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[owner.port])
    owner.command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[other.port])
    owner.command("MIGRATE", other.ip, str(other.port), "key1", "0", "5000")
    equal(ask("get", "key1"), (200, "value of key1"), "while it moves: ASK")
    for one in (other, owner):
        one.command("CLUSTER", "SETSLOT", slot, "NODE", ids[other.port])
    equal(ask("get", "key1"), (200, "value of key1"), "when it has moved: MOVED")


def test_a_cluster_without_one_of_its_servers(env):
    """What the others have is there; what it has is an error, and there again when it is."""
    cluster = RedisCluster(env)
    for one in cluster.servers:
        one.command("CONFIG", "SET", "cluster-require-full-coverage", "no")
    ask = Asker(env, cluster.url)
    keys = {}
    for key in (f"key{i}" for i in range(30)):
        equal(ask("set", key), (200, "true"), key)
        keys.setdefault(cluster.owner_of(key).port, key)
    gone = cluster.servers[0]
    gone.stop()
    for one in cluster.servers[1:]:
        ask.until("get", lambda said, key=keys[one.port]: said == (200, f"value of {key}"), keys[one.port])
    code, said = ask("get", keys[gone.port])
    check(code == 503 and said in ("unavailable", "timed out"), said)
    gone.start()
    ask.until("get", lambda said: said == (200, f"value of {keys[gone.port]}"), keys[gone.port])


def test_sentinels_name_the_master(env):
    """It dies, another takes its place, and the script goes on by itself."""
    sentinels = RedisSentinels(env)
    ask = Asker(env, sentinels.url)
    equal(ask("set", "key"), (200, "true"), "what it says")
    sentinels.replica.until(lambda: sentinels.replica.command("GET", "key") == "value of key", "follow")
    sentinels.master.kill()
    ask.until("set", lambda said: said == (200, "true"), "other")
    equal(sentinels.replica.command("GET", "other"), "value of other", "on the new master")
    equal(ask("get", "key"), (200, "value of key"), "what was there")


def test_stopped_and_started(env):
    redis = RedisServer(env, "appendonly yes", "appendfsync always")
    ask = Asker(env, redis.url)
    equal(ask("count"), (200, "1"), "what it says")
    with env.alive(ask.server) as alive:
        redis.stop()
        ask.until("count", lambda said: said == (503, "unavailable"))
        alive.check()
        redis.start()
        ask.until("count", lambda said: said[0] == 200)
    redis.stop()   # while nobody asks: the connections are closed, and nothing of it is seen
    redis.start()
    ask.until("count", lambda said: said[0] == 200)


def test_frozen(env):
    redis = RedisServer(env)
    ask = Asker(env, redis.url)
    equal(ask("count"), (200, "1"), "what it says")
    redis.freeze()
    with env.alive(ask.server) as alive:
        for _ in range(3):
            code, said = ask("count")
            check(code == 503 and said in ("timed out", "unavailable"), said)
            alive.check()
        ask.until("count", lambda said: said == (503, "unavailable"))   # at once, from now on
        redis.thaw()
        ask.until("count", lambda said: said[0] == 200)


def test_under_load(env):
    """It comes and goes while many ask: each gets an answer, and it is used again by itself."""
    redis = RedisServer(env)
    ask, askers = Asker(env, redis.url), [env.endpoint(f"load{i}") for i in range(8)]
    ends, codes = threading.Event(), []

    def load(endpoint):
        while not ends.is_set():
            request = endpoint.request("MESSAGE", f"sip:count@{ask.server.hostport}")
            endpoint.send(request, ask.server)
            codes.append(endpoint.expect_final(request).code)

    threads = [threading.Thread(target=load, args=(one,)) for one in askers]
    for thread in threads:
        thread.start()
    try:
        for begin, end in ((redis.freeze, redis.thaw), (redis.kill, redis.start)):
            begin()
            ask.until("count", lambda said: said == (503, "unavailable"))
            end()
            ask.until("count", lambda said: said[0] == 200)
    finally:
        ends.set()
        for thread in threads:
            thread.join()
    equal(set(codes), {200, 503}, "the answers")


class Fake:
    """A server that says good things until it is told to say something else."""

    def __init__(self, env):
        self.socket = socket.create_server((env.ip, 0))
        self.url = f"redis://{env.ip}:{self.socket.getsockname()[1]}"
        self.says, self.then = None, None
        env.open.append(self)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            while data := connection.recv(65536):
                if b"PING" in data:
                    connection.sendall(b"+PONG\r\n")
                elif callable(self.says):
                    self.says(connection)
                else:
                    connection.sendall(self.says)
        except OSError:
            pass
        finally:
            connection.close()

    def close(self):
        self.socket.close()


def test_garbage_and_huge_answers(env):
    fake = Fake(env)
    fake.says = b"$5\r\nvalue\r\n"
    ask = Asker(env, fake.url)
    equal(ask("get", "key"), (200, "value"), "what it says")
    memory = ask.server.rss_kb()

    def gigabyte(connection):
        connection.sendall(b"$1073741824\r\n")
        for _ in range(1024):
            connection.sendall(b"x" * (1 << 20))

    def slowly(connection):
        for _ in range(100):
            connection.sendall(b"*1\r\n")
            time.sleep(0.2)

    for answer in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\r\n", b"\0" * 1000, b"*1000000000\r\n", b"*1\r\n" * 1000,
                   b"MOVED\r\n", gigabyte, lambda connection: connection.close(), slowly):
        fake.says = answer
        code, said = ask.until("get", lambda said: said[0] == 503, "key")
        check(said in ("unavailable", "timed out"), said)
        fake.says = b"$5\r\nvalue\r\n"
        ask.until("get", lambda said: said == (200, "value"), "key")
    check(ask.server.rss_kb() - memory < 600_000, f"{ask.server.rss_kb() - memory} kB more")
    port = fake.url.rpartition(":")[2]
    fake.says = f"-MOVED 1 :{port}\r\n".encode()   # round and round
    equal(ask("get", "key"), (503, "unavailable"), "what it says")
    with Stream(ask.server.control_socket) as operator:
        (database,) = operator.call("db:list")["result"]["Databases"]
        equal(database["url"], fake.url, "the database")
