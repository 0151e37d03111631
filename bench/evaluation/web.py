"""A Markdown page as one HTML file that needs nothing else. The only module that needs python3-markdown."""
import base64
import html
import re

import markdown

STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; } h2 { margin-top: 2.4rem; border-bottom: 1px solid #ddd; }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: 0.86rem; margin: 0.8rem 0; }
th, td { border: 1px solid #ddd; padding: 0.25rem 0.5rem; vertical-align: top; }
th { background: #f4f4f4; } tr:nth-child(even) { background: #fafafa; }
code { font-size: 0.9em; background: #f4f4f4; padding: 0 0.2em; overflow-wrap: anywhere; }
img { max-width: 100%; height: auto; }
""".strip()
IMAGE = re.compile(r'src="(evaluation/[a-z0-9-]+\.svg)"')
PAGES = re.compile(r'href="(evaluation(?:\.zh)?)\.md"')


def embedded(text, folder):
    """With the plots, which lie in `folder`, inside the page."""
    def data(match):
        svg = base64.b64encode((folder / match[1]).read_bytes()).decode()
        return f'src="data:image/svg+xml;base64,{svg}"'
    return IMAGE.sub(data, text)


def render(text, folder, language):
    title = next(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))
    # nl2br and the like stay off; "toc" gives headings the names that links use.
    body = markdown.markdown(text, extensions=["tables", "toc", "sane_lists"])
    body = PAGES.sub(r'href="\1.html"', embedded(body, folder))
    return (f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>Headway: {html.escape(title)}</title>\n<style>\n{STYLE}\n</style>\n</head>\n"
            f"<body>\n{body}\n</body>\n</html>\n")
