"""What `headway run` adds to the start of a Python program: PYTHONPATH begins with this folder.

Waits for `import torch`, and then installs the gate for PyTorch on the CPU. Programs that do not
import torch only pay for this file. Nothing in it may fail, and the user's own sitecustomize, which
this one hides, runs as if it were not here.
"""
import os
import sys

_FOLDER = os.path.dirname(os.path.abspath(__file__))


class _TorchHook:
    """Sees the first `import torch`, and lets the package's own hook take over."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "torch":
            sys.meta_path.remove(_TorchHook)
            try:
                _load_package()._torch.install_for_run()
            except Exception as error:  # a guest never breaks the import that it watches
                print(f"headway: PyTorch runs unscheduled: {error}", file=sys.stderr)
                return None
            # The package's hook is in sys.meta_path now, before the finder that would be asked next.
            for finder in sys.meta_path:
                if type(finder).__module__.startswith("_headway_run"):
                    return finder.find_spec(name, path, target)
        return None


def _load_package():
    """The package that belongs to this file, under a name that no module of the program has."""
    from importlib import util  # not at the start: it would be most of this file's cost

    name = "_headway_run"
    folder = os.path.dirname(_FOLDER)
    spec = util.spec_from_file_location(
        name, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    module = sys.modules[name] = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _run_hidden_sitecustomize():
    # `import headway` works under `headway run`, unless the program has a module of that name.
    others = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != _FOLDER]
    sys.path[:] = others + [os.path.dirname(os.path.dirname(_FOLDER))]
    this = sys.modules.pop("sitecustomize")
    try:
        import sitecustomize  # noqa: F401, whose place in sys.modules Python then leaves alone
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = this


if os.environ.get("HEADWAY_DISABLE") != "1" and os.environ.get("HEADWAY_TORCH") != "0":
    sys.meta_path.insert(0, _TorchHook)
_run_hidden_sitecustomize()
