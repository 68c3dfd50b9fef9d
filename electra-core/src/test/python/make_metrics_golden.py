"""Writes the values that the tests of org.electra4j.finetune.metrics are held to.

Usage: python make_metrics_golden.py ../resources/finetune/metrics.json
Needs scikit-learn, scipy and transformers, whose squad_metrics module computes what the official
evaluate-v2.0.py does. Takes span scores from seqeval where that can be imported; where not, from the
two definitions below, which state seqeval's rules: get_entities for the default mode, the schemes
IOB2 and IOBES for the strict one. The file says which under made_with.
"""

import json
import random
import re
import sys

import scipy.stats
import sklearn
import sklearn.metrics as sk
from transformers.data.metrics import squad_metrics

try:
    from seqeval.metrics import precision_recall_fscore_support as seqeval_prf
    from seqeval.scheme import IOB2, IOBES

    SEQEVAL = "seqeval"
except ImportError:
    seqeval_prf = None
    SEQEVAL = "definition in make_metrics_golden.py"

rng = random.Random(7)


def classification(name, gold, predicted, classes):
    per_class = sk.precision_recall_fscore_support(
        gold, predicted, labels=range(classes), zero_division=0
    )
    without_zero = sk.precision_recall_fscore_support(
        gold, predicted, labels=range(1, classes), average="micro", zero_division=0
    )
    return {
        "name": name,
        "classes": classes,
        "gold": gold,
        "predicted": predicted,
        "accuracy": sk.accuracy_score(gold, predicted),
        "precision": per_class[0].tolist(),
        "recall": per_class[1].tolist(),
        "f1": per_class[2].tolist(),
        "f1_macro": sk.f1_score(gold, predicted, average="macro", zero_division=0),
        "f1_micro": sk.f1_score(gold, predicted, average="micro", zero_division=0),
        "micro_without_0": list(without_zero[:3]),
        "matthews": sk.matthews_corrcoef(gold, predicted),
    }


def noisy(classes, n, agreement):
    gold = [rng.randrange(classes) for _ in range(n)]
    predicted = [g if rng.random() < agreement else rng.randrange(classes) for g in gold]
    return gold, predicted


def multi_label(n, classes):
    def draw():
        return [[int(rng.random() < 0.3) for _ in range(classes)] for _ in range(n)]

    gold, other = draw(), draw()
    for row in gold + other:
        row[classes - 1] = 0  # a label that never occurs counts as 0 in the macro mean
    predicted = [
        [g if rng.random() < 0.7 else o for g, o in zip(a, b)] for a, b in zip(gold, other)
    ]
    micro = sk.precision_recall_fscore_support(gold, predicted, average="micro", zero_division=0)
    sets = lambda rows: [[c for c, on in enumerate(row) if on] for row in rows]
    return {
        "classes": classes,
        "gold": sets(gold),
        "predicted": sets(predicted),
        "accuracy": sk.accuracy_score(gold, predicted),
        "micro": list(micro[:3]),
        "f1_macro": sk.f1_score(gold, predicted, average="macro", zero_division=0),
    }


def correlation(name, gold, predicted):
    return {
        "name": name,
        "gold": gold,
        "predicted": predicted,
        "pearson": float(scipy.stats.pearsonr(gold, predicted)[0]),
        "spearman": float(scipy.stats.spearmanr(gold, predicted)[0]),
        "mse": sk.mean_squared_error(gold, predicted),
    }


def roc(name, n, digits):
    positive = [int(rng.random() < 0.2) for _ in range(n)]
    scores = [round(rng.gauss(1.0 if p else 0.0, 1.0), digits) + 0.0 for p in positive]
    return {"name": name, "positive": positive, "scores": scores, "auc": sk.roc_auc_score(positive, scores)}


def split(tag):
    return ("O", "") if tag == "O" else (tag[0], tag[2:])


def lenient_spans(tags):
    """conlleval: a cut before a word wherever its tag cannot go on with the tag before it."""
    spans, run = set(), []
    for i, tag in enumerate(tags + ["O"]):
        prefix, kind = split(tag)
        if run:
            last_prefix, last_kind = split(tags[i - 1])
            if prefix in "OBS" or last_prefix in "ES" or kind != last_kind:
                spans.add((run[0], i, last_kind))
                run = []
        if prefix != "O":
            run.append(i)
    return spans


def strict_spans(tags, closed):
    """Only B I* (or, closed: S and B I* E) of one type."""
    spans = set()
    for start, tag in enumerate(tags):
        prefix, kind = split(tag)
        end = start + 1
        if closed and prefix == "S":
            spans.add((start, end, kind))
        if prefix != "B":
            continue
        while end < len(tags) and tags[end] == "I-" + kind:
            end += 1
        if not closed:
            spans.add((start, end, kind))
        elif end < len(tags) and tags[end] == "E-" + kind:
            spans.add((start, end + 1, kind))
    return spans


def span_scores(gold, predicted, read, scheme):
    if seqeval_prf is not None:
        mode = {} if scheme is None else {"mode": "strict", "scheme": {"BIO": IOB2, "BIOES": IOBES}[scheme]}
        micro = seqeval_prf(gold, predicted, average="micro", zero_division=0, **mode)
        macro = seqeval_prf(gold, predicted, average="macro", zero_division=0, **mode)
        return [float(x) for x in micro[:3]] + [float(macro[2])]

    def prf(right, true, found):
        p, r = right / found if found else 0.0, right / true if true else 0.0
        return [p, r, 2 * p * r / (p + r) if p + r else 0.0]

    true = {(i, *span) for i, tags in enumerate(gold) for span in read(tags)}
    found = {(i, *span) for i, tags in enumerate(predicted) for span in read(tags)}
    of = lambda spans, kind: {s for s in spans if s[3] == kind}
    kinds = {s[3] for s in true | found}
    f1s = [prf(len(of(true & found, k)), len(of(true, k)), len(of(found, k)))[2] for k in kinds]
    return prf(len(true & found), len(true), len(found)) + [sum(f1s) / len(f1s)]


def spans(name, prefixes, n, agreement):
    tags = ["O", "O"] + [p + "-" + kind for p in prefixes for kind in ("PER", "LOC", "X-Y")]
    gold = [[rng.choice(tags) for _ in range(rng.randrange(1, 12))] for _ in range(n)]
    predicted = [[t if rng.random() < agreement else rng.choice(tags) for t in row] for row in gold]
    scheme = "BIO" if prefixes == "BI" else "BIOES"
    return {
        "name": name,
        "scheme": scheme,
        "gold": [" ".join(row) for row in gold],
        "predicted": [" ".join(row) for row in predicted],
        "default": span_scores(gold, predicted, lenient_spans, None),
        "strict": span_scores(gold, predicted, lambda t: strict_spans(t, scheme == "BIOES"), scheme),
    }


class Question:
    def __init__(self, qas_id, answers):
        self.qas_id = qas_id
        self.answers = [{"text": a} for a in answers]


TEXTS = [
    (["Denver Broncos", "The Denver Broncos"], "the denver broncos!"),
    (["gold", "gold anniversary", "theme"], "golden anniversary"),
    (["$42.7 billion"], "42.7 billion dollars"),
    (["the a an"], "the"),
    (["An apple a day"], "apple day apple"),
    (["caf\u00e9 \u0130stanbul"], "CAF\u00c9 i\u0307stanbul"),
    (["a\u0301 la carte", "x"], "\u0301 la carte"),
    (["one\u00a0two\u2003three\u0085four"], "one two three four"),
    (["theatre\u2014the play"], "theatre\u2014 play"),
    (["\u039f\u0394\u039f\u03a3"], "\u03bf\u03b4\u03bf\u03c2"),
    (["x\u2460 a\u00b2 a", "b"], "x\u2460 a\u00b2"),
    (["anti-the-war", "w"], "antithewar"),
    (["don't"], "dont"),
    (["under_score the_end"], "underscore theend"),
    (["10,000 people", "10000"], "10000 people"),
    (["repeat repeat repeat"], "repeat repeat"),
    (["word"], ""),
    ([], ""),
    ([], "something"),
    ([], "the"),
    (["..."], ""),
]


def squad():
    questions, predictions, no_answer = [], {}, {}
    for i, (answers, prediction) in enumerate(TEXTS):
        questions.append(Question(f"q{i}", answers))
        predictions[f"q{i}"] = prediction
        no_answer[f"q{i}"] = round(rng.random() + (0.0 if answers else 0.4), 1)
    plain = squad_metrics.squad_evaluate(questions, predictions)
    thresholded = squad_metrics.squad_evaluate(questions, predictions, no_answer, 0.7)
    exact, f1 = squad_metrics.get_raw_scores(questions, predictions)
    return {
        "questions": [
            {
                "answers": answers,
                "prediction": prediction,
                "no_answer": no_answer[f"q{i}"],
                "exact": exact[f"q{i}"],
                "f1": f1[f"q{i}"],
            }
            for i, (answers, prediction) in enumerate(TEXTS)
        ],
        "plain": plain,
        "threshold": 0.7,
        "thresholded": thresholded,
    }


golden = {
    "made_with": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "spans": SEQEVAL},
    "classification": [
        classification("binary", *noisy(2, 50, 0.6), 2),
        classification("three classes", *noisy(3, 40, 0.5), 3),
        classification("a class that never occurs", *noisy(4, 30, 0.7), 6),
        classification("constant prediction", [0, 1, 1, 0, 1], [1, 1, 1, 1, 1], 2),
        classification("perfect", [0, 1, 2, 1], [0, 1, 2, 1], 3),
        classification("opposite", [0, 1, 0, 1], [1, 0, 1, 0], 2),
        classification("constant both", [1, 1, 1], [1, 1, 1], 2),
    ],
    "multi_label": [multi_label(30, 5)],
    "correlation": [
        correlation("ties", [round(rng.uniform(0, 5)) for _ in range(30)], [round(rng.gauss(2, 2), 1) for _ in range(30)]),
        correlation("far from zero", [1e6 + x for x in range(20)], [1e6 - x * x * 1e-3 for x in range(20)]),
        correlation("signed zeros", [0.0, -0.0, 1.0, 2.0], [1.0, 1.0, -0.0, 0.0]),
        correlation("two values", [1.0, 2.0], [3.0, 1.0]),
    ],
    "roc": [roc("ties", 60, 1), roc("few ties", 200, 3)],
    "spans": [spans("IOB", "BI", 40, 0.7), spans("IOBES", "BIES", 60, 0.8), spans("IOBES far", "BIES", 20, 0.3)],
    "squad": squad(),
}
with open(sys.argv[1], "w", encoding="utf-8") as f:
    text = json.dumps(golden, indent=1)
    f.write(re.sub(r"\[[^][{}]*\]", lambda m: re.sub(r"\s*\n\s*", " ", m.group()), text) + "\n")
