"""The unit tests that need SCTP, which skip themselves where there is none."""
import subprocess

from harness import check

SCTP = True


def test(env):
    unit = env.build / "t" / "unit"
    if not unit.exists():
        env.skip("no unit tests are built")
    ran = subprocess.run([str(unit), "--gtest_filter=SctpChannelTest*"], capture_output=True, text=True, check=False)
    check(ran.returncode == 0 and "[  PASSED  ]" in ran.stdout and "[  SKIPPED ]" not in ran.stdout,
          f"status {ran.returncode}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
