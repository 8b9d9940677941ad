"""The client: tables for people, JSON for programs, errors with a status, completion."""
import json
import os
import subprocess

from harness import check, equal


class Client:
    def __init__(self, env, server):
        self.command = [str(env.build / "opensipsctl"), "-s", str(server.control_socket)]

    def run(self, *words, stdin=""):
        return subprocess.run([*self.command, *words], capture_output=True, text=True, timeout=30, check=False,
                              input=stdin)

    def says(self, *words):
        ended = self.run(*words)
        equal((ended.returncode, ended.stderr), (0, ""), f"{words}: status and errors")
        return ended.stdout


def test_output(env):
    server = env.server(workers=2)
    client = Client(env, server)
    check(client.says("version").startswith("Server  OpenSIPS ("), client.says("version"))
    lines = client.says("ps").splitlines()
    equal(lines[0].split()[:3], ["ID", "PID", "Type"], "the head of the table")
    equal(sum("worker/" in line for line in lines), 2, "the lines of the table")
    column = lines[0].index("Type")
    check(all(line[column - 1] == " " != line[column] for line in lines), "the columns are not aligned")
    equal(json.loads(client.says("--json", "get_statistics", "tm:inuse_transactions")), {"tm:inuse_transactions": 0},
          "--json")
    check("usrloc:dump" in client.says("which").splitlines(), "which")
    check("usrloc:dump" in client.says("help"), "help")
    check("table_name" in client.says("help", "usrloc:rm"), "help of a command")
    equal(client.says("log_level", "level=2"), "New global log level  2\n", "name=value")
    equal(client.says("ul_dump", "brief").strip().splitlines()[0].split()[0], "name", "ul_dump of nothing")


def test_errors(env):
    server = env.server()
    client = Client(env, server)
    for words, status, said in ((["nothing"], 1, "Method not found: no command nothing"),
                                (["log_level", "99"], 1, "expected -3 to 4"),
                                (["log_level", "1", "2"], 1, "Invalid params"),
                                (["log_level", "level=1", "2"], 2, "name=value"),
                                (["-x"], 2, "usage:")):
        ended = client.run(*words)
        equal((ended.returncode, ended.stdout), (status, ""), f"{words}: status and output")
        check(said in ended.stderr, f"{words}: {ended.stderr}")
    server.stop()
    ended = client.run("version")
    equal(ended.returncode, 3, "the status without a server")
    check("no server answers" in ended.stderr and str(server.control_socket) in ended.stderr, ended.stderr)


def test_lines_and_completion(env):
    server = env.server()
    client = Client(env, server)
    ended = client.run(stdin="version\n\nlog_level level=1\nnothing\nlog_level 'level")
    equal(ended.returncode, 2, "the status of the last one that failed")
    check("OpenSIPS (" in ended.stdout and "New global log level  1" in ended.stdout, ended.stdout)
    check("a quote does not end" in ended.stderr, ended.stderr)
    equal(client.says("--complete", "usrloc:r").split(), ["usrloc:rm", "usrloc:rm_contact"], "commands")
    equal(client.says("--complete", "--", "usrloc:rm", "").split(), ["table_name=", "aor="], "parameters")
    equal(client.says("--complete", "help", "ve").split(), ["version"], "after help")
    equal(client.says("--complete", "nothing", "").split(), [], "of no command")


BASH = """
source /usr/share/bash-completion/bash_completion
source "$1"
COMP_LINE=$2 COMP_POINT=${#2}
read -ra COMP_WORDS <<<"${2//:/ : }"   # bash takes ':' for the end of a word
[[ $2 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_opensipsctl opensipsctl 2>/dev/null
echo "${COMPREPLY[@]}"
"""


def test_bash_completion(env):
    if not os.path.exists("/usr/share/bash-completion/bash_completion"):
        env.skip("no bash-completion here")
    server = env.server()
    command = f"opensipsctl -s {server.control_socket}"
    path = {**os.environ, "PATH": f"{env.build}:{os.environ['PATH']}"}
    for line, wanted in ((f"{command} ul_rm", "ul_rm ul_rm_contact"), (f"{command} usrloc:rm", "rm rm_contact"),
                         (f"{command} ul_rm ", "table_name= aor="), (f"{command} help vers", "version"),
                         ("opensipsctl --j", "--json"), ("opensipsctl us", "user"),
                         ("opensipsctl db ", "create migrate show"), ("opensipsctl user p", "passwd"),
                         ("opensipsctl user -m /usr/lib l", "list"),
                         ("opensipsctl user add mysql_url alice@example.com --r", "--random --realm")):
        said = subprocess.run(["bash", "-c", BASH, "bash", env.root / "ctl" / "opensipsctl.bash", line], env=path,
                              capture_output=True, text=True, timeout=30, check=True).stdout
        equal(said.strip(), wanted, f"what completes {line!r}")


def test_kill(env):
    server = env.server()
    equal(Client(env, server).says("kill"), "OK\n", "kill")
    equal(server.wait(5 * env.patience), 0, "the exit status")
