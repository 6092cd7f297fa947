# SPDX-License-Identifier: GPL-2.0-only
"""A C file that is edited by its text."""
import re


class EditError(Exception):
    pass


class Source:
    """A C file that is edited by its text."""

    def __init__(self, path, truth):
        self.path = path
        self.truth = truth
        self.words = {}  # stand for others, in anchors and replacements alike
        with open(path, encoding="utf-8") as f:
            self.text = f.read()

    def _in_words(self, text):
        for word, meant in self.words.items():
            text = re.sub(rf"\b{word}\b", meant, text)
        return text

    def _render(self, text):
        kept = []
        for line in text.splitlines(keepends=True):
            if line.startswith("@"):
                if not self.truth:
                    continue
                line = line[1:]
            kept.append(line)
        return self._in_words("".join(kept))

    def replace(self, anchor, text):
        anchor = self._in_words(anchor)
        found = self.text.count(anchor)
        if found != 1:
            first = anchor.strip().splitlines()[0].strip()
            raise EditError(f"anchor '{first}': found {found} times in {self.path}, not once")
        self.text = self.text.replace(anchor, self._render(text))

    def replace_all(self, anchor, text):
        """Where there are several, or none."""
        self.text = self.text.replace(self._in_words(anchor), self._render(text))

    def after(self, anchor, text):
        self.replace(anchor, anchor + text)

    def before(self, anchor, text):
        self.replace(anchor, text + anchor)

    def save(self):
        with open(self.path, "w", encoding="utf-8") as f:
            f.write(self.text)
