"""Writes the golden files of fine-tuning steps from Hugging Face transformers.

How to run (a few seconds, no network), with the packages of golden_pretraining.py:

    python golden_finetuning.py                 # rewrites ../resources/golden/finetuning_*.safetensors
    python golden_finetuning.py --check         # fails unless the files are what it would write

One tiny random model for each kind of head that transformers has for ELECTRA, dropout off:
classification, regression, multi_label, tagging, question_answering. The truth is computed in
float64 from parameters that are exact in float32, and stored rounded to float32.

Tensors of a file; T tokens in B packed sequences, C logits a row:

    input.ids, input.token_types          (T) i32
    input.cu_seqlens                      (B + 1) i32, first row of each, then T
    input.labels                          (B) or (T) i32, -1 ignored; multi_label (B, C)
    input.numbers                         (B) f32, regression only
    input.starts, input.ends              (B) i32, question_answering only
    output.logits                         (B, C) or (T, C)
    output.loss                           (1) as transformers returns it: a mean
    <name>                                initial parameter
    grad.<name>                           gradient of the summed loss, not clipped
    final.<name>                          parameter after the optimizer steps
    steps.grad_norm, steps.learning_rate  (S)

The summed loss is transformers' mean times the number of rows or sequences that count. The steps
are the reference's: gradients of the summed loss clipped to norm 1, Adam without bias correction,
no weight decay, rates 0.8^(layers + 2 - depth) times a linear schedule with warmup.
"""

import argparse
import json
import math
import re
import sys

import numpy as np
import torch
import transformers
from golden_pretraining import CLS, FIRST_ORDINARY_ID, GOLDEN_DIR, PAD, SEP, Padding, random_parameter
from safetensors.numpy import save

SEQUENCE_LENGTHS = (13, 3, 17, 8, 11)
CONFIG = dict(
    vocab_size=61,
    embedding_size=8,
    hidden_size=12,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=20,
    max_position_embeddings=17,
    type_vocab_size=2,
    hidden_act="gelu",
    layer_norm_eps=1e-12,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
    pad_token_id=PAD,
)
OPTIMIZER = dict(
    learning_rate=1e-3,
    warmup_steps=1,
    total_steps=10,
    steps=4,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-6,
    layerwise_decay=0.8,
    max_grad_norm=1.0,
)
HEADS = {
    "classification": (transformers.ElectraForSequenceClassification, 3, "single_label_classification"),
    "regression": (transformers.ElectraForSequenceClassification, 1, "regression"),
    "multi_label": (transformers.ElectraForSequenceClassification, 4, "multi_label_classification"),
    "tagging": (transformers.ElectraForTokenClassification, 5, None),
    "question_answering": (transformers.ElectraForQuestionAnswering, 2, None),
}


def make_inputs(kind, units, rng):
    lengths = np.array(SEQUENCE_LENGTHS)
    b, t = len(lengths), lengths.sum()
    ids, types = [], []
    for length in lengths:
        sequence = rng.integers(FIRST_ORDINARY_ID, CONFIG["vocab_size"], length)
        sequence[0], sequence[-1] = CLS, SEP
        middle = length // 2
        sequence[middle] = SEP
        ids.append(sequence)
        types.append((np.arange(length) > middle).astype(int))
    inputs = dict(
        ids=np.concatenate(ids),
        token_types=np.concatenate(types),
        cu_seqlens=np.concatenate([[0], np.cumsum(lengths)]),
    )
    if kind == "classification":
        inputs["labels"] = rng.integers(0, units, b)
    elif kind == "multi_label":
        inputs["labels"] = rng.integers(0, 2, (b, units))
    elif kind == "tagging":
        inputs["labels"] = rng.integers(-1, units, t)
    elif kind == "question_answering":
        starts = rng.integers(0, lengths)
        inputs["starts"], inputs["ends"] = starts, rng.integers(starts, lengths)
    inputs = {name: value.astype(np.int32) for name, value in inputs.items()}
    if kind == "regression":
        inputs["numbers"] = rng.standard_normal(b).astype(np.float32)
    return inputs


def make_model(kind, rng):
    model_class, units, problem = HEADS[kind]
    config = transformers.ElectraConfig(
        **CONFIG, num_labels=units, problem_type=problem, attn_implementation="eager"
    )
    model = model_class(config).to(torch.float64).train()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(random_parameter(name, parameter.shape, rng)))
    return model


def forward(model, kind, inputs):
    """Returns logits, transformers' mean loss, and the summed loss."""
    padding = Padding(inputs)
    arguments = dict(
        input_ids=padding.pad(inputs["ids"]),
        attention_mask=padding.attention_mask,
        token_type_ids=padding.pad(inputs["token_types"]),
    )
    counted = len(SEQUENCE_LENGTHS)
    if kind == "tagging":
        labels = padding.pad(inputs["labels"])
        labels[~padding.attention_mask.bool() | (labels < 0)] = -100
        arguments["labels"] = labels
        counted = int((labels >= 0).sum())
    elif kind == "question_answering":
        # transformers lets padding take part in the softmax; packed sequences have none.
        outputs = model(**arguments)
        losses = []
        for i, length in enumerate(SEQUENCE_LENGTHS):
            for logits, target in ((outputs.start_logits, "starts"), (outputs.end_logits, "ends")):
                losses.append(-torch.log_softmax(logits[i, :length], 0)[int(inputs[target][i])] / 2)
        summed = torch.stack(losses).sum()
        logits = torch.stack((outputs.start_logits, outputs.end_logits), dim=-1)
        return padding.unpad(logits), summed / counted, summed
    elif kind == "regression":
        arguments["labels"] = torch.from_numpy(inputs["numbers"].astype(np.float64))
    elif kind == "multi_label":
        arguments["labels"] = torch.from_numpy(inputs["labels"].astype(np.float64))
    else:
        arguments["labels"] = torch.from_numpy(inputs["labels"].astype(np.int64))
    outputs = model(**arguments)
    logits = padding.unpad(outputs.logits) if kind == "tagging" else outputs.logits
    return logits, outputs.loss, outputs.loss * counted


def rate_factor(name):
    layers = CONFIG["num_hidden_layers"]
    layer = re.search(r"encoder\.layer\.(\d+)\.", name)
    depth = int(layer.group(1)) + 1 if layer else 0 if "electra.embeddings" in name else layers + 2
    return OPTIMIZER["layerwise_decay"] ** (layers + 2 - depth)


def learning_rate(step):
    decay = max(0.0, 1.0 - step / OPTIMIZER["total_steps"])
    return OPTIMIZER["learning_rate"] * decay * min(1.0, step / OPTIMIZER["warmup_steps"])


def run(kind):
    rng = np.random.default_rng([7, list(HEADS).index(kind)])
    inputs = make_inputs(kind, HEADS[kind][1], rng)
    model = make_model(kind, rng)
    parameters = dict(model.named_parameters())
    tensors = {"input." + name: value for name, value in inputs.items()}

    def keep(name, tensor):
        tensors[name] = np.array(tensor.detach().numpy(), ndmin=1)

    for name, parameter in parameters.items():
        keep(name, parameter)
    o = OPTIMIZER
    m = {name: torch.zeros_like(p) for name, p in parameters.items()}
    v = {name: torch.zeros_like(p) for name, p in parameters.items()}
    norms, rates = [], []
    for step in range(o["steps"]):
        logits, loss, summed = forward(model, kind, inputs)
        summed.backward()
        for name, parameter in parameters.items():
            if name.endswith("key.bias"):  # zero in exact arithmetic
                parameter.grad.zero_()
        if step == 0:
            keep("output.logits", logits)
            keep("output.loss", loss)
            for name, parameter in parameters.items():
                keep("grad." + name, parameter.grad)
        norms.append(math.sqrt(sum(p.grad.square().sum().item() for p in parameters.values())))
        rates.append(learning_rate(step))
        scale = min(1.0, o["max_grad_norm"] / norms[-1])
        with torch.no_grad():
            for name, parameter in parameters.items():
                g = parameter.grad * scale
                m[name].mul_(o["beta1"]).add_((1 - o["beta1"]) * g)
                v[name].mul_(o["beta2"]).add_((1 - o["beta2"]) * g * g)
                update = m[name] / (v[name].sqrt() + o["epsilon"])
                parameter.sub_(rates[-1] * rate_factor(name) * update)
                parameter.grad = None
    for name, parameter in parameters.items():
        keep("final." + name, parameter)
    tensors["steps.grad_norm"] = np.array(norms)
    tensors["steps.learning_rate"] = np.array(rates)
    return tensors


def serialize(kind, tensors):
    metadata = dict(
        versions=dict(
            torch=torch.__version__, transformers=transformers.__version__, numpy=np.__version__
        ),
        discriminator=CONFIG,
        units=HEADS[kind][1],
        optimizer=OPTIMIZER,
    )
    stored = {
        name: np.ascontiguousarray(value, np.float32 if value.dtype.kind == "f" else np.int32)
        for name, value in tensors.items()
    }
    return save(stored, metadata={"golden": json.dumps(metadata, sort_keys=True)})


def main():
    parser = argparse.ArgumentParser(description="Golden files of fine-tuning steps.")
    parser.add_argument("--check", action="store_true", help="compare with the files only")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for kind in HEADS:
        content = serialize(kind, run(kind))
        path = GOLDEN_DIR / f"finetuning_{kind}.safetensors"
        if not options.check:
            path.write_bytes(content)
            print(f"{path.name}: {len(content):,} bytes")
        elif not path.exists() or path.read_bytes() != content:
            sys.exit(f"{path} is not what this script writes; run it without --check")
        else:
            print(f"{path.name}: same bytes")


if __name__ == "__main__":
    main()
