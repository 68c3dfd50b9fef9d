"""Writes tiny Hugging Face directories of every head, with the logits that transformers computes.

How to run (from electra-core, no network but for pip):

    pip install torch==2.13.0 transformers==5.18.0 safetensors==0.8.0
    python src/test/python/golden_heads.py src/test/resources/huggingface

Each directory holds config.json, the weights (of ElectraForPreTraining in two shards) and
expected.json: {"input_ids": [[...]], "token_type_ids": [[...]], "logits": [...]}, one entry a
sequence; the logits of question answering are [[start, end]] a token.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
import transformers
from transformers import ElectraConfig

SHAPE = dict(
    vocab_size=29,
    embedding_size=6,
    hidden_size=12,
    num_hidden_layers=2,
    num_attention_heads=3,
    intermediate_size=20,
    max_position_embeddings=11,
    initializer_range=0.3,
)
LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
HEADS = {
    "pre_training": ("ElectraForPreTraining", {}),
    "masked_lm": ("ElectraForMaskedLM", {}),
    "classification": (
        "ElectraForSequenceClassification",
        dict(id2label={0: "bad", 1: "fair", 2: "good"}, problem_type="single_label_classification"),
    ),
    "regression": (
        "ElectraForSequenceClassification",
        dict(num_labels=1, problem_type="regression"),
    ),
    "tagging": ("ElectraForTokenClassification", dict(id2label=dict(enumerate(LABELS)))),
    "question_answering": ("ElectraForQuestionAnswering", {}),
}
LENGTHS = [1, 5, 11]


def config(extra):
    """Returns the configuration; label2id follows from id2label."""
    result = ElectraConfig(**SHAPE)
    for key, value in extra.items():
        setattr(result, key, value)
    if "id2label" in extra:
        result.label2id = {label: number for number, label in extra["id2label"].items()}
    return result


def logits(model, ids, types):
    """Returns the logits of one sequence as a list."""
    output = model(
        input_ids=torch.tensor([ids]),
        token_type_ids=torch.tensor([types]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
    )
    if "start_logits" in output:
        return torch.stack([output.start_logits[0], output.end_logits[0]], dim=-1).tolist()
    return output.logits[0].tolist()


def write(directory, architecture, extra):
    shutil.rmtree(directory, ignore_errors=True)
    model = getattr(transformers, architecture)(config(extra)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():  # no bias or norm stays at its default
            if parameter.dim() == 1:
                parameter += 0.1 * torch.randn_like(parameter)
    shards = {"max_shard_size": "8KB"} if architecture == "ElectraForPreTraining" else {}
    model.save_pretrained(directory, **shards)
    ids = [torch.randint(0, SHAPE["vocab_size"], (length,)).tolist() for length in LENGTHS]
    types = [[int(2 * i >= length) for i in range(length)] for length in LENGTHS]
    with torch.inference_mode():
        expected = [logits(model, *sequence) for sequence in zip(ids, types)]
    golden = {"input_ids": ids, "token_type_ids": types, "logits": expected}
    (directory / "expected.json").write_text(json.dumps(golden) + "\n", encoding="utf-8")


def main():
    transformers.utils.logging.set_verbosity_error()
    torch.manual_seed(17)
    for name, (architecture, extra) in HEADS.items():
        write(Path(sys.argv[1]) / name, architecture, extra)


if __name__ == "__main__":
    main()
