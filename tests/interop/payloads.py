"""The messages that are sent there and back."""

import json

MEBIBYTES_16 = 16 * 1024 * 1024

TEXT = (
    "plain, ünïcödé, 漢字, 👩‍👩‍👧‍👦, e\u0301, \u202eright to left\u202c, \u200bnothing, \ufeff\n"
    "second line\r\nthird\twith a NUL \0 and an escape \x1b[31m, \x7f, \u0085, \u2028 and \U0010ffff\n\n"
)

JSON = json.dumps(
    {"z": 1, "a": [1.50, -0.0, 10**30, None, True], "quote\"\\": "\u0000\n\u2028é", "": {}},
    ensure_ascii=False,
    indent=2,
)

XML = """<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment -->
<order id='7' xml:lang="de"><?keep this?>
  <item count="2">Bücher &amp; <![CDATA[<raw> & ]]></item><empty/>
</order>
"""

HTML = """<!DOCTYPE html>
<html lang=en><head><title>caf\u00e9</title><script>if (a < b && c) { alert("</scr" + "ipt>") }</script>
<body><p>unclosed <br> &nbsp; &copy; <img src=x onerror='1'>
</html>
"""


def make():
    """Name to bytes. Names with "binary" travel as binary messages, the others as text."""
    every_byte = bytes(range(256))
    line = TEXT.encode()
    return {
        "text": TEXT.encode(),
        "json": JSON.encode(),
        "xml": XML.encode(),
        "html": HTML.encode(),
        "binary": every_byte + every_byte[::-1],
        "empty": b"",
        "empty-binary": b"",
        # Around the places where the length field of a frame changes its size.
        **{f"text-{n}": b"x" * n for n in (1, 125, 126, 127, 65535, 65536)},
        "large": (line * (MEBIBYTES_16 // len(line) + 1))[: MEBIBYTES_16 - len(line)]
        .decode(errors="ignore")
        .ljust(MEBIBYTES_16, "x")
        .encode()[:MEBIBYTES_16],
        "large-binary": every_byte * (MEBIBYTES_16 // 256),
    }
