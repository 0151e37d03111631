"""The page's words in one language: phrases (text/LANGUAGE.toml) and whole texts with slots (text/*.md)."""
import pathlib
import re
import tomllib

import figures

LANGUAGES = ("en", "zh")
FOLDER = pathlib.Path(__file__).parent / "text"
SLOT = re.compile(r"\{\{([a-z0-9_]+)\}\}")


class Words:
    """`links`: how a path from the project's root begins in the page ("../" in docs/)."""

    def __init__(self, language, links):
        self.language = language
        self.links = links
        self.phrases = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))

    def find(self, key):
        """The phrase under a key with dots, or None."""
        value = self.phrases
        for part in key.split("."):
            if not isinstance(value, dict) or part not in value:
                return None
            value = value[part]
        return value

    def __call__(self, key, **slots):
        phrase = self.find(key)
        if not isinstance(phrase, str):
            raise KeyError(f"{self.language}.toml has no phrase '{key}'")
        return phrase.format(**slots)

    def device(self, name):
        return self.find(f"device.{name}") or figures.code(name)

    def link(self, path, text=None):
        return f"[{text or path}]({self.links}{path})"

    def fill(self, template, slots):
        """The template's text with its slots filled. One without words, or words without one, is an error."""
        text = (FOLDER / f"{template}.{self.language}.md").read_text(encoding="utf-8")
        wanted = set(SLOT.findall(text))
        if wanted != set(slots):
            raise KeyError(f"{template}.{self.language}.md: its slots and the page's differ in "
                           f"{sorted(wanted ^ set(slots))}")
        return SLOT.sub(lambda match: slots[match[1]], text)
