"""What opensips -C finds in a script without running it; a start and a reload say it too, and go on."""
import re
import subprocess

from harness import Stream, check, equal

LIKELY = """local sip = require "sip"
sip.on_request(function(req)
  calls = (calls or 0) + 1
  return req:reply(486)
end)
"""
CERTAIN = """local sip, tools = require "sip", require "tools"
sip.on_request(function(req)
  if req.method == "PUBLISH" then return tools.refuse(req) end
  if req.methd == "OPTIONS" then sip.slep(1) end
  return req:reply()
end)
sip.on_response(function(res) sip.sleep("1s") end)
"""
TOOLS = "return { refuse = function(req) os.exit(1) end }\n"


def look(env, server):
    run = subprocess.run([env.build / "opensips", "-C", "-f", server.config_path], cwd=env.directory, check=False,
                         timeout=20 * env.patience, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True)
    return run.returncode, re.sub(r"(?m)^/\S*/", "", run.stdout)


def test(env):
    server = env.server(LIKELY, start=False)
    config = server.config_path.read_text()
    server.config_path.write_text(re.sub('lua_path=".*"', f'lua_path="{env.directory}"', config))
    server.start()
    status, said = look(env, server)
    equal(status, 0, "the exit status")
    check(f"{server.script_path.name}:3:3: warning: the global 'calls' is assigned in a function" in said, said)
    check("(likely)" in said and "nothing is certain to fail" in said, said)

    (env.directory / "tools.lua").write_text(TOOLS)
    server.script_path.write_text(CERTAIN)
    status, said = look(env, server)
    equal(status, 1, "the exit status")
    name = server.script_path.name
    for line in (f"{name}:4:10: error: request has no field 'methd': did you mean 'method'? (certain)",
                 f"{name}:4:38: error: sip has no field 'slep': did you mean 'sleep'? (certain)",
                 f"{name}:5:14: error: request:reply: argument 1 (code) is missing, expected integer (certain)",
                 f"{name}:7:35: error: sip.sleep cannot be used in the handler of responses (certain)",
                 "tools.lua:1:36: error: os.exit is not available in routing scripts: return from the handler (certain)"):
        check(line in said.splitlines(), f"no line {line!r} in: {said}")

    # A script that runs is not kept from running: the operator is told.
    with Stream(server.control_socket) as operator:
        answer = operator.call("reload_routes")
    equal(len(answer["result"]["findings"]), 5, "findings of the reload")
    server.wait_log(rf"{name}:4:10: error: request has no field 'methd'")
