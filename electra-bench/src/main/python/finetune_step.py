"""The peer of FinetuneStepBench and FinetuneEvaluationBench: PyTorch and Hugging Face transformers.

  python finetune_step.py --sequences target/finetune-sst2.jsonl --mode train --precision bf16 --threads 2 --seconds 6
prints one JSON line: examples and real tokens a second, the share of real tokens among the computed ones, and the
largest resident set. The sequences are token ids, one JSON object a line (split, ids, types, label), in the order in
which batches are made of them.

A training step: pad the batch to its longest sequence, forward with dropout 0.1, summed cross-entropy, backward, clip
to norm 1, fused AdamW with a rate of its own for each layer (ELECTRA's recipe). Evaluation: the same padding, forward
without gradients, arg max; whole passes over the held-out sequences.
"""
import argparse
import itertools
import json
import resource
import time

import torch
import transformers
from torch.nn.functional import cross_entropy
from transformers import ElectraConfig, ElectraForSequenceClassification

VOCABULARY = 30522
PRESETS = {  # embedding, hidden, layers, heads
    "tiny": (128, 128, 4, 4),
    "small": (128, 256, 12, 4),
    "base": (768, 768, 12, 12),
}
LEARNING_RATE = 3e-4
LAYERWISE_DECAY = 0.8
WARM_UP = 2  # batches at least, and a third of the measured time


def model(options, labels):
    embedding, hidden, layers, heads = PRESETS[options.preset]
    return ElectraForSequenceClassification(ElectraConfig(
        vocab_size=VOCABULARY, embedding_size=embedding, hidden_size=hidden, num_hidden_layers=layers,
        num_attention_heads=heads, intermediate_size=4 * hidden, hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1, num_labels=labels))


def rate(name, layers):
    depth = layers + 2
    if name.startswith("electra.encoder.layer."):
        depth = int(name.split(".")[3]) + 1
    elif name.startswith("electra.embeddings"):
        depth = 0
    return LEARNING_RATE * LAYERWISE_DECAY ** (layers + 2 - depth)


def optimizer(network):
    layers = network.config.num_hidden_layers
    groups = {}
    for name, parameter in network.named_parameters():
        groups.setdefault(rate(name, layers), []).append(parameter)
    return torch.optim.AdamW(
        [{"params": parameters, "lr": lr} for lr, parameters in groups.items()],
        betas=(0.9, 0.999), eps=1e-6, weight_decay=0, fused=True)


def padded(sequences):
    longest = max(len(s["ids"]) for s in sequences)
    pad = [(s, longest - len(s["ids"])) for s in sequences]
    return {
        "input_ids": torch.tensor([s["ids"] + [0] * n for s, n in pad]),
        "token_type_ids": torch.tensor([s["types"] + [0] * n for s, n in pad]),
        "attention_mask": torch.tensor([[1] * len(s["ids"]) + [0] * n for s, n in pad]),
    }, torch.tensor([s["label"] for s in sequences])


class Counts:
    def __init__(self):
        self.examples = self.tokens = self.computed = 0

    def add(self, inputs):
        self.examples += inputs["input_ids"].shape[0]
        self.tokens += int(inputs["attention_mask"].sum())
        self.computed += inputs["input_ids"].numel()


def autocast(options):
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16")


def train(options, network, batches):
    """Measures whole passes over the batches: they differ in length."""
    network.train()
    adam = optimizer(network)
    parameters = list(network.parameters())
    counts, start, warm = Counts(), time.perf_counter(), None
    for step, batch in enumerate(itertools.cycle(batches)):
        if warm is None and step >= WARM_UP and time.perf_counter() - start >= options.seconds / 3:
            counts, start, warm = Counts(), time.perf_counter(), step
        inputs, labels = padded(batch)
        with autocast(options):
            logits = network(**inputs).logits
            loss = cross_entropy(logits.float(), labels, reduction="sum")
        adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
        loss.item()
        counts.add(inputs)
        passed = warm is not None and (step + 1 - warm) % len(batches) == 0
        if passed and time.perf_counter() - start >= options.seconds:
            return counts, time.perf_counter() - start


def evaluate(options, network, batches):
    network.eval()
    with torch.inference_mode(), autocast(options):
        start = time.perf_counter()
        for step, batch in enumerate(itertools.cycle(batches)):
            if step >= WARM_UP and time.perf_counter() - start >= options.seconds / 3:
                break
            network(**padded(batch)[0]).logits.argmax(-1).tolist()
        counts, start = Counts(), time.perf_counter()
        while counts.examples == 0 or time.perf_counter() - start < options.seconds:
            for batch in batches:
                inputs, _ = padded(batch)
                network(**inputs).logits.argmax(-1).tolist()
                counts.add(inputs)
        return counts, time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sequences", required=True)
    parser.add_argument("--mode", default="train", choices=["train", "evaluate"])
    parser.add_argument("--preset", default="small", choices=PRESETS)
    parser.add_argument("--precision", default="bf16", choices=["fp32", "bf16"])
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=6)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    with open(options.sequences, encoding="utf-8") as file:
        sequences = [json.loads(line) for line in file]
    split = [s for s in sequences if s["split"] == ("train" if options.mode == "train" else "dev")]
    batches = [split[i:i + options.batch] for i in range(0, len(split), options.batch)]
    network = model(options, 1 + max(s["label"] for s in sequences))
    counts, seconds = (train if options.mode == "train" else evaluate)(options, network, batches)
    print(json.dumps({
        "torch": torch.__version__, "transformers": transformers.__version__, "seconds": seconds,
        "examples": counts.examples / seconds, "tokens": counts.tokens / seconds,
        "real_percent": 100 * counts.tokens / counts.computed, "measured_examples": counts.examples,
        "peak_rss_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


if __name__ == "__main__":
    main()
