"""What the command says of itself."""
import re
import subprocess

from harness import check, equal


def run(env, *arguments):
    return subprocess.run([env.build / "opensips", *arguments], timeout=20 * env.patience, check=False, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test(env):
    version = run(env, "-V")
    check(version.returncode == 0 and re.match(r"OpenSIPS \d", version.stdout), f"-V said {version.stdout!r}")
    usage = run(env, "-h")
    check(usage.returncode == 0 and "-f" in usage.stdout, f"-h said {usage.stdout!r}")
    for wrong in (["-Z"], ["stray"], ["-f"]):
        refused = run(env, *wrong)
        equal(refused.returncode, 2, f"the status of {wrong}; it said {refused.stdout!r}")
