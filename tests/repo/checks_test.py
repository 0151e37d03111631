#!/usr/bin/env python3
"""Tests the checks themselves: each must find the mistake that it exists for."""
import pathlib
import tempfile
import unittest

import headers
import layering
import tidy


class Layering(unittest.TestCase):
    def problem(self, layer, line):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "src" / layer).mkdir(parents=True)
            (root / "bench").mkdir()
            (root / "src" / layer / "x.cc").write_text(line + "\n")
            return "".join(layering.check_includes(root))

    def test_upward_include_is_found(self):
        self.assertIn("board may not use gate", self.problem("board", '#include "gate/gate.h"'))
        self.assertIn("board may not use gate", self.problem("board", "#  include <gate/gate.h>"))

    def test_neighbour_is_found(self):
        self.assertIn("board may not use policy", self.problem("board", '#include "policy/policy.h"'))

    def test_policy_clock_is_found(self):
        self.assertIn("pure", self.problem("policy", "#include <chrono>"))
        self.assertIn("policy may not use base", self.problem("policy", '#include "base/clock.h"'))

    def test_torch_shim_sees_only_public_headers(self):
        self.assertIn("shim/torch may not use gate", self.problem("shim/torch", '#include "gate/gate.h"'))
        for shim in ("shim/torch", "shim/hip"):
            self.assertIn(f"{shim} may not use shim/cuda", self.problem(shim, '#include "shim/cuda/y.h"'))
        self.assertEqual("", self.problem("shim/torch", '#include "headway/torch.h"'))
        self.assertEqual("", self.problem("shim/cuda", '#include "gate/gate.h"'))

    def test_core_does_not_see_public_headers(self):
        self.assertIn("below the public headers", self.problem("gate", '#include "headway/headway.h"'))

    def test_unknown_folder_is_found(self):
        self.assertIn("has no place", self.problem("misc", ""))

    def test_downward_include_is_allowed(self):
        self.assertEqual("", self.problem("gate", '#include "policy/policy.h"\n#include <chrono>'))

    def test_upward_link_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for layer, deps in (("board", "headway_gate"), ("gate", "headway_board")):
                (root / "src" / layer).mkdir(parents=True)
                (root / "src" / layer / "CMakeLists.txt").write_text(
                    f"headway_library(headway_{layer}\n  SOURCES a.cc\n  DEPS {deps})\n")
            problems = list(layering.check_links(root))
        self.assertEqual(1, len(problems))
        self.assertIn("headway_board links headway_gate", problems[0])


class Tidy(unittest.TestCase):
    def test_code_mistakes_are_found(self):
        # The words are put together here so that the check does not find them in this file.
        for line in ("x" * 101, "int\tx;", "int x; ", "// TO" + "DO: later", "// FIX" + "ME"):
            self.assertEqual(1, len(list(tidy.check_code("a.cc", ".cc", line))), line)

    def test_numbered_todo_is_allowed(self):
        self.assertEqual([], list(tidy.check_code("a.cc", ".cc", "// TO" + "DO(#12): later")))

    def test_long_file_is_found(self):
        self.assertEqual(1, len(list(tidy.check_code("a.cc", ".cc", "\n" * 601))))

    def test_foreign_path_is_found(self):
        for text in ("see /" + "home/me/x", '"/' + 'data/x"', "=/" + "mnt/x"):
            self.assertEqual(1, len(list(tidy.check_text("a.md", text))), text)
        for text in ("see /usr/share/x", "/dev/shm/headway", "and/or/else", "src/base/x", "s/a/b/"):
            self.assertEqual([], list(tidy.check_text("a.md", text)), text)

    def test_merge_conflict_is_found(self):
        self.assertEqual(1, len(list(tidy.check_text("a.md", "a\n" + "<" * 7 + " mine\n"))))


class Headers(unittest.TestCase):
    def test_header_that_needs_another_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            header = pathlib.Path(folder) / "needy.h"
            header.write_text("static inline uint32_t one(void) { return 1; }\n")
            self.assertIn("uint32_t", headers.compile_alone("cc", "c", "c11", "needy.h", [folder]))

    def test_only_what_comes_first_counts_as_compiled_alone(self):
        self.assertEqual("a/b.h", headers.first_include('// Why.\n\n#include "a/b.h"\n#include "c.h"\n'))
        for text in ("", "// Why.\n", '#include <c>\n#include "a.h"\n', '#define X\n#include "a.h"\n',
                     '/* Why. */\n#include "a.h"\n', '  #include <c>\n#include "a.h"\n'):
            self.assertEqual("", headers.first_include(text), text)


if __name__ == "__main__":
    unittest.main()
