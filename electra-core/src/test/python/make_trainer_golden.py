"""Writes the vocabulary that Hugging Face learns from a text: the golden file of WordPieceTrainerTest.

    pip install tokenizers==0.23.2
    cd electra-core/src/test
    python python/make_trainer_golden.py resources/org/electra4j/text/moby-dick.txt 4000 \
        > resources/org/electra4j/text/moby-dick-vocab.txt

Hugging Face numbers the "##" characters in the order of a randomised hash table, and ties between pairs go by these
numbers. Naming the characters as special tokens, in the order that WordPieceTrainer documents, takes the chance out.
"""

import sys

from tokenizers import BertWordPieceTokenizer

SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def main(path, vocab_size):
    lines = open(path, encoding="utf8").read().split("\n")
    tokenizer = BertWordPieceTokenizer()
    words = [
        word
        for line in lines
        for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(line))
    ]
    characters = sorted({c for word in words for c in word})
    inside = sorted({c for word in words for c in word[1:]})
    first = SPECIAL_TOKENS + characters + ["##" + c for c in inside]
    tokenizer.train_from_iterator(lines, vocab_size=vocab_size, special_tokens=first, show_progress=False)
    vocabulary = tokenizer.get_vocab()
    sys.stdout.write("".join(token + "\n" for token in sorted(vocabulary, key=vocabulary.get)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
