"""The peer of TokenizerBench: Hugging Face tokenizers (Rust), BERT WordPiece, one thread.

  python tokenize_text.py VOCABULARY TEXT [SECONDS]
prints one JSON line: MB/s and tokens/s, the best pass of those that fit the time.
"""
import json
import sys
import time

import tokenizers

BATCH = 1000


def main(vocabulary, text, seconds=5.0):
    tokenizer = tokenizers.BertWordPieceTokenizer(vocabulary, lowercase=True)
    with open(text, encoding="utf8") as file:
        lines = [line for line in file.read().split("\n") if line.strip()]
    size = sum(len(line.encode()) for line in lines)
    best, tokens = float("inf"), 0
    end = time.perf_counter() + float(seconds)
    while time.perf_counter() < end:
        start = time.perf_counter()
        tokens = 0
        for first in range(0, len(lines), BATCH):
            for encoding in tokenizer.encode_batch(lines[first:first + BATCH], add_special_tokens=False):
                tokens += len(encoding.ids)
        best = min(best, time.perf_counter() - start)
    print(json.dumps({
        "tokenizers": tokenizers.__version__, "megabytes": 1e-6 * size / best, "tokens": tokens / best}))


if __name__ == "__main__":
    main(*sys.argv[1:])
