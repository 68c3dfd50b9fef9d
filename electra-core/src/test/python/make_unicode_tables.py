"""Writes the character tables of org.electra4j.text: what Hugging Face's BERT tokenizer does to each code point.

    pip install tokenizers==0.23.2
    python electra-core/src/test/python/make_unicode_tables.py \
        > electra-core/src/main/resources/org/electra4j/text/unicode.txt

Asking the tokenizer itself pins its mixture of Unicode versions, so that a text gives the same ids on every Java
version. Combining classes come from Python's unicodedata, cut down to what the tokenizer reorders. Line formats, all
numbers hexadecimal, ranges inclusive:

    removed|space|punctuation|mark|chinese FIRST LAST
    class FIRST LAST CANONICAL_COMBINING_CLASS
    lower FIRST LAST STEP DELTA        (every STEP-th code point maps to itself + DELTA)
    lowers CODE_POINT MAPPED...        (more than one code point)
    decompose CODE_POINT MAPPED...     (full canonical decomposition; Hangul syllables follow the Unicode algorithm)
"""

import unicodedata

import tokenizers
from tokenizers.normalizers import NFD, BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer


def bert(**on):
    flags = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return BertNormalizer(**{**flags, **on}).normalize_str


CLEAN, CHINESE, LOWER = bert(clean_text=True), bert(handle_chinese_chars=True), bert(lowercase=True)
STRIP, DECOMPOSE, SPLIT = bert(strip_accents=True), NFD().normalize_str, BertPreTokenizer().pre_tokenize_str
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def ranges(name, values):
    """Prints runs of code points that share a value; `values` maps code point -> value (None: absent)."""
    run = None
    for c in CODE_POINTS + [0x110001]:
        value = values.get(c)
        if run and run[1] == c - 1 and run[2] == value:
            run[1] = c
            continue
        if run and run[2] is not None:
            print(name, f"{run[0]:X} {run[1]:X}" + ("" if run[2] is True else f" {run[2]:X}"))
        run = [c, c, value]


def is_reordered(c):
    """U+0345 has the highest class (240); U+0334 the lowest (1). A known non-starter moves before or after one."""
    char = chr(c)
    return DECOMPOSE("\u0345" + char) != "\u0345" + char or DECOMPOSE(char + "\u0334") != char + "\u0334"


def lower_runs(delta):
    """Prints runs of code points, each or every second one, that map to themselves plus one delta."""
    left = dict(delta)
    while left:
        first = min(left)
        runs = []
        for step in (1, 2):
            run = [first]
            while left.get(run[-1] + step) == left[first]:
                run.append(run[-1] + step)
            runs.append((len(run), -step, run))
        length, step, run = max(runs)
        print(f"lower {first:X} {run[-1]:X} {-step:X} {left[first] & 0xFFFFFFFF:X}")
        for c in run:
            del left[c]


def main():
    print(f"# Written by make_unicode_tables.py from tokenizers {tokenizers.__version__}. Unicode data: (c) Unicode, Inc.")
    ranges("removed", {c: True for c in CODE_POINTS if CLEAN(chr(c)) == ""})
    ranges("space", {c: True for c in CODE_POINTS if CLEAN(chr(c)) == " "})
    ranges("punctuation", {c: True for c in CODE_POINTS if len(SPLIT(f"a{chr(c)}b")) == 3})
    ranges("mark", {c: True for c in CODE_POINTS if STRIP(chr(c)) == ""})
    ranges("chinese", {c: True for c in CODE_POINTS if CHINESE(chr(c)) != chr(c)})
    combining = {c: unicodedata.combining(chr(c)) for c in CODE_POINTS}
    ranges("class", {c: combining[c] for c in CODE_POINTS if combining[c] and is_reordered(c)})
    lower = {c: LOWER(chr(c)) for c in CODE_POINTS if LOWER(chr(c)) != chr(c)}
    lower_runs({c: ord(s) - c for c, s in lower.items() if len(s) == 1})
    mapped = [("lowers", c, s) for c, s in lower.items() if len(s) > 1]
    for c in CODE_POINTS:
        if not 0xAC00 <= c <= 0xD7A3 and DECOMPOSE(chr(c)) != chr(c):
            mapped.append(("decompose", c, DECOMPOSE(chr(c))))
    for name, c, s in mapped:
        print(name, f"{c:X}", " ".join(f"{ord(x):X}" for x in s))


if __name__ == "__main__":
    main()
