import os

import lit.formats

config.name = "Lacuna-Unit"
config.suffixes = []
config.test_exec_root = os.path.join(config.lacuna_obj_root, "test", "unit")
config.test_source_root = config.test_exec_root
config.test_format = lit.formats.GoogleTest(".", "Tests")
if config.sanitizers:
    config.environment["ASAN_OPTIONS"] = "detect_leaks=0"
