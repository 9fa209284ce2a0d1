"""near.py A.json B.json N: exits 1 if two verify reports differ by over N samples."""

import json
import sys

first, second = (json.load(open(path)) for path in sys.argv[1:3])
hits = [round(r["top1_reference"] * r["count"] / 100) for r in (first, second)]
print(hits)
sys.exit(abs(hits[0] - hits[1]) > int(sys.argv[3]))
