"""Makes the evaluation's pages from the result files: see docs/evaluation.md, "How it was measured".

usage: python3 bench/evaluation [--root FOLDER] [--out FOLDER] [--only markdown|plots|html]
"""
import argparse
import importlib.util
import pathlib
import sys

import catalogue
import load
import page
import plotdata
import readme
import words


def arguments():
    parser = argparse.ArgumentParser(
        prog="evaluation", description="Makes docs/evaluation.md, .zh.md, .html, its plots and the results "
        "in README.zh.md from bench/results.")
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2], type=pathlib.Path,
                        metavar="FOLDER", help="the project with the results (default: this one)")
    parser.add_argument("--out", type=pathlib.Path, metavar="FOLDER",
                        help="where docs/ and README.zh.md are written (default: the project)")
    parser.add_argument("--only", choices=("markdown", "plots"), help="not the rest")
    return parser.parse_args()


def wanted(name):
    """Ends the program, before anything is written, where a package is missing."""
    if importlib.util.find_spec(name) is None:
        sys.exit(f"evaluation: the Python package {name} is missing (Debian: python3-{name}); "
                 "--only markdown does without")


def file_name(language, ending):
    return f"evaluation.{ending}" if language == "en" else f"evaluation.{language}.{ending}"


def texts(devices, root):
    """Path from the project's root -> text, of all that needs no package."""
    made = {f"docs/{file_name(language, 'md')}": page.render(devices, words.Words(language, "../"))
            for language in words.LANGUAGES}
    made[readme.PATH] = readme.render(root)
    return made


def write(out, made):
    for path, text in made.items():
        file = out / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def write_plots(out, devices):
    import plots  # pylint: disable=import-outside-toplevel  it needs matplotlib
    folder = out / "docs" / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    figures = plotdata.all_figures(devices)
    for figure in figures:
        plots.draw(figure, folder / f"{figure['name']}.svg")
    # Of a device whose results are gone.
    for file in set(folder.glob("*.svg")) - {folder / f"{figure['name']}.svg" for figure in figures}:
        file.unlink()


def write_pages(out, made):
    import web  # pylint: disable=import-outside-toplevel  it needs markdown
    for language in words.LANGUAGES:
        text = made[f"docs/{file_name(language, 'md')}"]
        html = web.render(text, out / "docs", language)
        (out / "docs" / file_name(language, "html")).write_text(html, encoding="utf-8")


def main():
    options = arguments()
    out = options.out or options.root
    if options.only != "markdown":
        wanted("matplotlib")
    if options.only is None:
        wanted("markdown")
    try:
        devices = catalogue.load_devices(options.root)
        made = texts(devices, options.root)
    except load.BadFile as error:
        sys.exit(f"evaluation: {error}")
    if options.only != "plots":
        write(out, made)
    if options.only != "markdown":
        write_plots(out, devices)
    if options.only is None:
        write_pages(out, made)


if __name__ == "__main__":
    main()
