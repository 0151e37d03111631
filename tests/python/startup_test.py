#!/usr/bin/env python3
"""What `headway run` does to Python programs: nothing that those without PyTorch would notice."""
import sys

from support import BoardTest, CLI, main


class StartupTest(BoardTest):
    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def test_output_errors_and_status_are_the_programs_own(self):
        text = "import sys; print(sys.argv[1:]); sys.stderr.write('e'); sys.exit(3)"
        program = self.write("program.py", text)
        finished = self.run_scheduled(1, program, "a b")
        self.assertEqual((finished.status, finished.out, finished.err), (3, "['a b']\n", "e"))

    def test_modules_and_paths_are_as_without_it(self):
        program = (
            "import sys\n"
            "print([path for path in sys.path if '_startup' in path])\n"
            "print('torch' in sys.modules, 'ctypes' in sys.modules)\n"
        )
        finished = self.run_scheduled(1, "-c", program)
        self.assertEqual((finished.out, finished.err), ("[]\nFalse False\n", ""))

    def test_the_users_sitecustomize_runs(self):
        self.write("user/sitecustomize.py", "import builtins\nbuiltins.hello = __name__ + ' ' + __file__\n")
        env = {"PYTHONPATH": str(self.folder / "user")}
        program = "import sitecustomize; print(hello == 'sitecustomize ' + sitecustomize.__file__)"
        finished = self.run_scheduled(1, "-c", program, env=env)
        self.assertEqual((finished.out, finished.err), ("True\n", ""), finished)

    def test_errors_of_the_users_sitecustomize_are_reported_as_without_us(self):
        for text in ("1 / 0", "import no_such_module"):
            self.write("user/sitecustomize.py", text)
            env = {"PYTHONPATH": str(self.folder / "user")}
            plain = self.run_python("-c", "print(1)", env=env)
            scheduled = self.run_scheduled(1, "-c", "print(1)", env=env)
            self.assertEqual((plain.status, plain.out), (scheduled.status, scheduled.out))
            last = [finished.err.strip().splitlines()[-1:] for finished in (plain, scheduled)]
            self.assertEqual(last[0], last[1])

    def test_a_users_module_named_headway_is_theirs(self):
        self.write("user/headway.py", "print('mine')")
        env = {"PYTHONPATH": str(self.folder / "user")}
        finished = self.run_scheduled(1, "-c", "import headway", env=env)
        self.assertEqual((finished.out, finished.err), ("mine\n", ""))

    def test_the_package_can_be_imported_under_headway_run(self):
        finished = self.run_scheduled(1, "-c", "import headway; print(headway.version())")
        self.assertRegex(finished.out, r"^\d+\.\d+\.\d+\n$", finished)
        self.assertEqual(finished.err, "")

    def test_nested_runs_add_the_folder_once_and_keep_the_users(self):
        finished = self.run_program(
            CLI, "run", "--", CLI, "run", "--priority", 3, "--", sys.executable, "-c",
            "import os; print(os.environ['PYTHONPATH'], os.environ['HEADWAY_PRIORITY'])",
            env={"PYTHONPATH": "/a::/b"},
        )
        first, priority = finished.out.split()
        self.assertRegex(first, r"^[^:]*/_startup:/a::/b$")
        self.assertEqual(priority, "3")

    def test_isolated_interpreters_run_unscheduled(self):
        for option in ("-S", "-I", "-E"):
            program = "import sys; print('_startup' in repr(sys.modules.get('sitecustomize')))"
            finished = self.run_scheduled(1, option, "-c", program)
            self.assertEqual((finished.out, finished.err), ("False\n", ""), finished)

    def test_another_libtorch_is_left_alone_with_one_line(self):
        # Not PyTorch: what matters is that the libraries that the gate needs are not in the process.
        self.write("user/torch.py", "__version__ = '9.9.0'\nclass Tensor: pass\n")
        env = {"PYTHONPATH": str(self.folder / "user")}
        finished = self.run_scheduled(1, "-c", "import torch; print(torch.__version__)", env=env)
        self.assertEqual((finished.status, finished.out), (0, "9.9.0\n"), finished)
        self.assertEqual(finished.err.count("\n"), 1, finished)
        self.assertIn("PyTorch runs unscheduled", finished.err)

    def test_a_missing_torch_is_the_usual_error(self):
        program = (
            "import sys\n"
            "sys.path[:] = [path for path in sys.path if not path.endswith('-packages')]\n"
            "try: import torch\n"
            "except ImportError as error: print(repr(error), error.name)\n"
        )
        plain = self.run_python("-c", program)
        scheduled = self.run_scheduled(1, "-c", program)
        self.assertIn("ModuleNotFoundError", plain.out)
        self.assertEqual((scheduled.out, scheduled.err), (plain.out, ""))

    def test_disabled_means_not_there(self):
        env = {"HEADWAY_DISABLE": "1"}
        finished = self.run_scheduled(1, "-c", "import sys; print(len(sys.meta_path))", env=env)
        self.assertEqual(finished.out, self.run_python("-c", "import sys; print(len(sys.meta_path))").out)


if __name__ == "__main__":
    main()
