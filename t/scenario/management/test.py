"""The commands over each way to them, under their new and their old names; who may, and whose file it is."""
import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import sys
import time

from harness import Datagram, Fifo, Stream, check, equal, request


def served(env, **options):
    """A server with all three, and a client of each."""
    server = env.server(modparams=[("mi_datagram", "socket_name", str(env.directory / "mi.sock")),
                                   ("mi_fifo", "fifo_name", str(env.directory / "mi.fifo")),
                                   ("mi_fifo", "reply_dir", str(env.directory))], **options)
    clients = [Stream(server.control_socket), Datagram(env.directory / "mi.sock", env.directory / "own.sock"),
               Fifo(env.directory / "mi.fifo", env.directory)]
    return server, clients


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_transports(env):
    """The same commands over each of them; the files are the server's alone."""
    server, clients = served(env)
    for client in clients:
        check(client.call("version")["result"]["Server"].startswith("OpenSIPS ("), "version")
        for new, old in (("statistics:get", "get_statistics"), ("statistics:list", "list_statistics")):
            answers = [client.call(name, {"statistics": ["core:rcv_requests"]})["result"] for name in (new, old)]
            equal(answers[0], answers[1], old)
        names = client.call("which")["result"]
        for name in ("version", "uptime", "which", "help", "ps", "log_level", "kill", "statistics:reset",
                     "reset_statistics", "usrloc:dump", "ul_dump", "ul_rm", "ul_show_contact"):
            check(name in names, f"{name} is not in {names}")
        equal(client.call("nothing")["error"]["code"], -32601, "the error")
    for path in (server.control_socket, env.directory / "mi.sock", env.directory / "mi.fifo"):
        equal(mode_of(path), 0o600, f"the mode of {path}")
    server.stop()
    for path in (server.control_socket, env.directory / "mi.sock", env.directory / "mi.fifo"):
        check(not os.path.exists(path), f"{path} is still there")


def test_commands(env):
    server = env.server(workers=3)
    with Stream(server.control_socket) as client:
        def result(name, *params):
            answer = client.call(name, list(params))
            check("result" in answer, f"{name}: {answer}")
            return answer["result"]

        equal(set(result("uptime")), {"Now", "Up since", "Up time"}, "uptime")
        processes = result("ps")["Processes"]
        equal(sum(p["Type"].startswith("worker/") for p in processes), 3, "the workers in ps")
        check(server.process.pid in [p["PID"] for p in processes], "the control thread is not in ps")
        equal(result("log_level", 4), {"New global log level": 4}, "log_level")
        equal(result("log_level")["Processes"][0]["Log level"], 4, "log_level")
        equal(result("help", "ul_dump")["Name"], "usrloc:dump", "help")
        before = result("get_statistics", "rcv_requests")["core:rcv_requests"]
        caller = env.endpoint("caller")
        equal(caller.transact(caller.request("OPTIONS", server.uri), server).code, 404, "OPTIONS")
        after = result("get_statistics", "core:", "tm:", "load:")
        equal(after["core:rcv_requests"], before + 1, "rcv_requests")
        equal(after["tm:UAS_transactions"], 1, "UAS_transactions")
        equal(after["tm:4xx_transactions"], 1, "4xx_transactions")
        check("load:load" in after, "load:load")
        equal(result("reset_statistics", "all"), "OK", "reset_statistics")
        equal(result("get_statistics", "UAS_transactions"), {"tm:UAS_transactions": 0}, "after the reset")


def test_manual(env):
    """Every command and every statistic is in opensips(8)."""
    server = env.server()
    page = (env.root / "man" / "opensips.8").read_text().replace("\\-", "-")
    with Stream(server.control_socket) as client:
        names = client.call("which")["result"]
        groups = {}
        for name in client.call("list_statistics")["result"]:
            groups.setdefault(name.split(":")[0], []).append(name.split(":")[1])
    words = {word.rstrip(".") for blanks in (r"[\s,;*\"\[\]]+", r"[\s,;:*\"\[\]]+") for word in re.split(blanks, page)}
    words |= {f"{i}xx_{what}" for i in range(1, 7) for what in ("replies", "transactions")}
    for like, others in (("tcp_", ("tls_", "sctp_", "ws_", "wss_")), ("tls_", ("wss_",))):
        words |= {other + word.removeprefix(like) for word in words if word.startswith(like) for other in others}
    equal([name for name in names if name not in words], [], "commands that the manual does not have")
    equal([f"{group}:{name}" for group, all_ in groups.items() for name in all_ if name not in words], [],
          "statistics that the manual does not have")


def test_kill(env):
    """Like SIGTERM: the answer comes, the server stops cleanly."""
    server = env.server()
    client = Stream(server.control_socket)
    equal(client.call("kill")["result"], "OK", "kill")
    equal(client.line(), None, "the end")
    equal(server.wait(5 * env.patience), 0, "the exit status")
    check(not os.path.exists(server.control_socket), "the socket is still there")


def test_json_rpc(env):
    """Batches, notifications, ids; several requests in one writing, one in several."""
    server = env.server()
    with Stream(server.control_socket) as client:
        client.send("[" + request("version", id_="a") + "," + json.dumps({"jsonrpc": "2.0", "method": "which"})
                    + "," + request("nothing", id_=None) + ",7]")
        equal([(a["id"], a.get("error", {}).get("code")) for a in client.answer()],
              [("a", None), (None, -32601), (None, -32600)], "the batch")
        client.send(json.dumps({"jsonrpc": "2.0", "method": "version"}) + "\n" + request("which", id_=1)
                    + request("uptime", id_=2) + "\n\n" + request("version", id_=3) + "\n")
        equal([client.answer()["id"] for _ in range(3)], [1, 2, 3], "the ids")
        for octet in request("uptime", id_=2.5):
            client.send(octet)
        equal(client.answer()["id"], 2.5, "the id")
        client.send(request("version", id_=4))
        client.socket.shutdown(1)
        equal(client.answer()["id"], 4, "the last id")
        equal(client.line(), None, "the end")


def test_fifo_protocol(env):
    server, (_, _, fifo) = served(env)
    equal(fifo.call("version", wait=0.3)["id"], "7", "the answer to a client that opens its FIFO late")
    open(fifo.path, "w", encoding="utf-8").close()  # as opensips-cli asks whether it may
    for bad in (":../x:{}\n", ":nowhere:" + request("version") + "\n", "garbage\n", ":no_fifo:{}\n", ":x",
                "::" + request("version"), "{" * 100 + "\n"):
        fifo.send(bad)
    (env.directory / "plain").write_text("mine")
    fifo.send(":plain:" + request("version"))
    with open(fifo.path, "w", encoding="utf-8") as unfinished:
        unfinished.write(':x:{"jsonrpc":')
        unfinished.flush()
        time.sleep(2.5)
        check("result" in fifo.call("version"), "no answer behind a request that does not end")
    equal((env.directory / "plain").read_text(), "mine", "a file that is no FIFO")
    check("result" in fifo.call("uptime"), "uptime")
    server.wait_log("no FIFO|bad name|cannot answer")


def test_stale_files(env):
    """What a killed server left is replaced; what a living one has is not."""
    server, _ = served(env)
    second = env.server(start=False, globals_={"control_socket": f'"{server.control_socket}"'})
    check(second.run_to_end() > 0, "it took the first one's socket")
    check("in use by another server" in second.log(), f"it said: {second.last_line()}")
    check(f"{second.config_path}:" in second.log(), "the place in the configuration is not named")
    with Stream(server.control_socket) as client:
        check("result" in client.call("version"), "the first one's socket")
    server.signal(signal.SIGKILL)
    server.process.wait()
    server.expected_status = server.status = -signal.SIGKILL
    for path in (server.control_socket, env.directory / "mi.sock", env.directory / "mi.fifo"):
        check(os.path.exists(path), f"{path} went with a kill")
    os.unlink(env.directory / "own.sock")
    again, clients = served(env, globals_={"control_socket": f'"{server.control_socket}"'})
    for client in clients:
        check("result" in client.call("version"), "version")
    again.stop()


AS_NOBODY = """
import os, socket, sys
os.setgid(65534)
os.setuid(65534)
kind, path = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM if kind == "stream" else socket.SOCK_DGRAM)
s.settimeout(10)
try:
    if kind == "datagram":
        if os.path.exists(path + ".nobody"):
            os.unlink(path + ".nobody")
        s.bind(path + ".nobody")
    s.connect(path)
    try:
        s.send(b'{"jsonrpc":"2.0","id":1,"method":"version"}\\n')
    except BrokenPipeError:
        pass
    print(s.recv(65536).decode())
except PermissionError:
    print("Permission denied")
"""


def as_nobody(kind, path):
    return subprocess.run([sys.executable, "-c", AS_NOBODY, kind, str(path)], capture_output=True, text=True,
                          timeout=30, check=True).stdout


def test_other_user(env):
    """Another user is kept out by the mode; and, where he gets at the file, by who he is."""
    if os.getuid() != 0:
        env.skip("only root can be another user")
    server, _ = served(env)
    for folder in [env.directory, *env.directory.parents]:
        if not os.stat(folder).st_mode & stat.S_IXOTH:
            os.chmod(folder, os.stat(folder).st_mode | stat.S_IXOTH)
    os.chmod(env.directory, 0o777)
    for kind, path in (("stream", server.control_socket), ("datagram", env.directory / "mi.sock")):
        check("Permission denied" in as_nobody(kind, path), f"{kind}: nobody was let in")
        os.chmod(path, 0o666)
        answer = as_nobody(kind, path)
        check("this user may not" in answer and "result" not in answer, f"{kind}: {answer}")
        pathlib.Path(f"{path}.nobody").unlink(missing_ok=True)
    server.wait_log("refused a client of user 65534")


def test_user_who_may(env):
    """mi_datagram lets in whom it is told to."""
    if os.getuid() != 0:
        env.skip("only root can be another user")
    path = env.directory / "mi.sock"
    env.server(modparams=[("mi_datagram", "socket_name", str(path)),
                          ("mi_datagram", "unix_socket_user", "nobody")])
    os.chmod(env.directory, 0o777)
    equal((os.stat(path).st_uid, mode_of(path)), (65534, 0o600), "owner and mode")
    check("result" in as_nobody("datagram", path), "nobody was kept out")


def test_wrong_settings(env):
    for parameters, said in (([("mi_datagram", "socket_name", "udp:127.0.0.1:8080")], "expected a path"),
                             ([("mi_fifo", "fifo_mode", "0999")], "octal"),
                             ([("mi_datagram", "unix_socket_mode", 600)], "has no socket"),
                             ([("mi_fifo", "fifo_name", str(env.directory / "none" / "x"))], "No such file")):
        server = env.server(start=False, modparams=parameters)
        check(server.run_to_end() > 0 and said in server.log(), f"{parameters}: {server.log()}")
