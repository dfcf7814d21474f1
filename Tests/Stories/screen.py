"""A screen for tests: what a terminal of a given size shows after a program has written to it."""

import re

SEQUENCE = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])")


class Screen:
    """Understands what Coffer writes, and fails on anything else. `alternate` is the program's own screen."""

    def __init__(self, lines, columns):
        self.height, self.width = lines, columns
        self.rows = [""] * lines
        self.line = self.column = 0
        self.is_alternate, self.is_cursor_shown, self.is_plain, self.has_scrolled = False, True, True, False
        self.rest = ""

    def feed(self, text):
        text = self.rest + text
        self.rest = ""
        position = 0
        while position < len(text):
            if text[position] == "\x1b":
                match = SEQUENCE.match(text, position)
                if match is None:
                    self.rest = text[position:]
                    assert len(self.rest) < 12, ascii(self.rest)
                    return
                self.obey(match.group(1), match.group(2))
                position = match.end()
            else:
                self.put(text[position])
                position += 1

    def obey(self, numbers, letter):
        if letter == "m":
            self.is_plain = numbers in ("", "0")
        elif (numbers, letter) in (("?1049", "h"), ("?1049", "l")):
            self.is_alternate = letter == "h"
            self.rows = [""] * self.height
        elif (numbers, letter) in (("?25", "h"), ("?25", "l")):
            self.is_cursor_shown = letter == "h"
        elif (numbers, letter) == ("", "H"):
            self.line = self.column = 0
        elif (numbers, letter) == ("2", "K"):
            self.rows[self.line] = ""
        elif (numbers, letter) == ("2", "J"):
            self.rows = [""] * self.height
        elif (numbers, letter) == ("", "J"):
            self.rows[self.line] = self.rows[self.line][:self.column]
            self.rows[self.line + 1:] = [""] * (self.height - self.line - 1)
        else:
            raise AssertionError(f"an unknown sequence: {numbers}{letter}")

    def put(self, letter):
        if letter == "\r":
            self.column = 0
        elif letter == "\n":
            if self.line == self.height - 1:
                self.has_scrolled = True
                self.rows = self.rows[1:] + [""]
            else:
                self.line += 1
        else:
            assert letter.isprintable(), ascii(letter)
            assert self.column < self.width, f"a line is wider than {self.width}: {self.rows[self.line]!r}"
            self.rows[self.line] = self.rows[self.line][:self.column].ljust(self.column) + letter
            self.column += 1
