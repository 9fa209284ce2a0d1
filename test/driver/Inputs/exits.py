"""exits.py CODE COMMAND...: whether the command ends with this exit code."""

import subprocess
import sys

code = subprocess.run(sys.argv[2:]).returncode
if code != int(sys.argv[1]):
    sys.exit("exit code %d, not %s" % (code, sys.argv[1]))
