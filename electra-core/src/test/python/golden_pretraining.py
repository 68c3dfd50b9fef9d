"""Writes the golden files of the ELECTRA pre-training step from Hugging Face transformers.

How to run (about ten seconds, no network):

    pip install torch==2.13.0 transformers==5.18.0 safetensors==0.8.0 numpy==2.4.6
    python golden_pretraining.py                 # rewrites ../resources/golden/*.safetensors
    python golden_pretraining.py --check         # fails unless the files are what it would write
    python golden_pretraining.py --float32       # the errors of the same run in float32, per file

Two pairs of tiny random models, dropout off, sizes odd on purpose (see PAIRS):

    electra_projection      discriminator and generator both project the embeddings
    electra_no_projection   only the generator does: discriminator hidden = embedding size

The truth is computed in float64 from parameters that are exact in float32, and stored rounded to
float32. The models share word, position and type embeddings and their LayerNorm; the generator's
output matrix is the word table. A parameter has the name that Hugging Face gives it, behind
"discriminator." (ElectraForPreTraining) or "generator." (ElectraForMaskedLM); shared ones occur
once, as discriminator.electra.embeddings.*.

Tensors of a file; T tokens in B packed sequences, M masked slots, V vocabulary, H hidden, S steps:

    input.ids, input.token_types                       (T) i32
    input.cu_seqlens                                   (B + 1) i32, first row of each, then T
    input.masked_positions, input.masked_labels        (M) i32, ascending rows of T; original ids
    input.cu_masked                                    (B + 1) i32, first slot of each, then M
    input.masked_ids                                   (T) i32, the generator's input
    input.sampled                                      (M) i32, given: no random numbers are needed
    input.corrupted_ids, input.labels                  (T) i32, discriminator's input; 1 = replaced
    output.generator_hidden, .discriminator_hidden     (T, H) final hidden states
    output.generator_logits, output.nll                (M, V) and (M), at the masked positions
    output.discriminator_logits                        (T)
    output.generator_loss, .discriminator_loss, .total_loss   (1)
    <name>                                             initial parameter
    grad.<name>                                        gradient of the total loss, not clipped
    final.<name>                                       parameter after S optimizer steps
    steps.generator_loss, .discriminator_loss, .total_loss    (S), each before its update
    steps.grad_norm                                    (S) global norm of the gradient, not clipped
    steps.learning_rate                                (S)

All S steps use the same batch, masks and samples. The first update has step number 0, hence
learning rate 0: it moves the moments only, and the losses of steps 0 and 1 are equal.

The gradient of every attention.self.key.bias is zero in exact arithmetic (a constant added to a row
of scores cancels in the softmax). It is stored, and used, as zero; these biases keep their values.
Compare both absolutely.

Compare final.<name> minus <name>, not final.<name> alone: weight decay moves a weight by only
5e-5 of itself in these steps, which a relative tolerance of 1e-4 on the weight would not see.

The one metadata entry, "golden", is JSON: versions, both configurations, loss weights, optimizer.
It is one entry because safetensors writes several in random order.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.numpy import save
from transformers import ElectraConfig, ElectraForMaskedLM, ElectraForPreTraining

GOLDEN_DIR = Path(__file__).resolve().parent.parent / "resources" / "golden"

PAD, CLS, SEP, MASK, FIRST_ORDINARY_ID = 0, 2, 3, 4, 5
SEQUENCE_LENGTHS = (37, 3, 18, 11, 26)
MASK_PROB, MASK_TOKEN_PROB = 0.15, 0.85

COMMON = dict(
    vocab_size=131,
    max_position_embeddings=37,
    type_vocab_size=2,
    num_hidden_layers=2,
    hidden_act="gelu",
    layer_norm_eps=1e-12,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
    pad_token_id=PAD,
)
PAIRS = {
    "electra_projection": dict(
        seed=20,
        discriminator=dict(
            embedding_size=20, hidden_size=27, num_attention_heads=3, intermediate_size=41
        ),
        generator=dict(
            embedding_size=20, hidden_size=10, num_attention_heads=2, intermediate_size=23
        ),
    ),
    "electra_no_projection": dict(
        seed=24,
        discriminator=dict(
            embedding_size=24, hidden_size=24, num_attention_heads=3, intermediate_size=40
        ),
        generator=dict(
            embedding_size=24, hidden_size=12, num_attention_heads=2, intermediate_size=22
        ),
    ),
}

LOSS = dict(generator_weight=1.0, discriminator_weight=50.0, denominator_epsilon=1e-6)
OPTIMIZER = dict(
    learning_rate=1e-3,
    warmup_steps=3,
    total_steps=20,
    first_step=0,
    steps=10,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-6,
    weight_decay=0.01,
    no_decay=["LayerNorm", "layer_norm", "bias"],
    max_grad_norm=1.0,
    bias_correction=False,
)


def make_batch(rng):
    """Returns the packed batch: token ids, masks, given samples and labels, all int32."""
    lengths = np.array(SEQUENCE_LENGTHS)
    cu_seqlens = np.concatenate([[0], np.cumsum(lengths)])
    ids, types, positions, slots = [], [], [], []
    for start, length in zip(cu_seqlens[:-1], lengths):
        sequence = rng.integers(FIRST_ORDINARY_ID, COMMON["vocab_size"], length)
        sequence[0], sequence[-1] = CLS, SEP
        middle = length // 2 if length > 5 else length - 1
        sequence[middle] = SEP
        ids.append(sequence)
        types.append((np.arange(length) > middle).astype(int))
        candidates = np.flatnonzero(sequence >= FIRST_ORDINARY_ID)
        slots.append(max(1, round(MASK_PROB * length)))
        positions.append(start + np.sort(rng.choice(candidates, slots[-1], replace=False)))
    ids, types, positions = map(np.concatenate, (ids, types, positions))
    labels = ids[positions]
    hidden = rng.random(len(positions)) < MASK_TOKEN_PROB
    sampled = rng.integers(FIRST_ORDINARY_ID, COMMON["vocab_size"], len(positions))
    right = rng.random(len(positions)) < 0.3
    sampled[right] = labels[right]
    masked_ids, corrupted_ids = ids.copy(), ids.copy()
    masked_ids[positions[hidden]] = MASK
    corrupted_ids[positions] = sampled
    replaced = (corrupted_ids != ids).astype(int)
    assert 0 < hidden.sum() < len(hidden), "some slots show [MASK], some keep their token"
    assert 0 < replaced.sum() < len(positions), "some samples are wrong, some right"
    batch = dict(
        ids=ids,
        token_types=types,
        cu_seqlens=cu_seqlens,
        masked_positions=positions,
        masked_labels=labels,
        cu_masked=np.concatenate([[0], np.cumsum(slots)]),
        masked_ids=masked_ids,
        sampled=sampled,
        corrupted_ids=corrupted_ids,
        labels=replaced,
    )
    return {name: value.astype(np.int32) for name, value in batch.items()}


def make_models(pair, rng, dtype):
    """Returns generator and discriminator with shared embeddings and random float32 parameters."""
    generator = ElectraForMaskedLM(
        ElectraConfig(**COMMON, **pair["generator"], attn_implementation="eager")
    )
    discriminator = ElectraForPreTraining(
        ElectraConfig(**COMMON, **pair["discriminator"], attn_implementation="eager")
    )
    generator.electra.embeddings = discriminator.electra.embeddings
    generator.generator_lm_head.weight = discriminator.electra.embeddings.word_embeddings.weight
    generator.to(dtype).train()
    discriminator.to(dtype).train()
    with torch.no_grad():
        for name, parameter in named_parameters(generator, discriminator).items():
            parameter.copy_(torch.from_numpy(random_parameter(name, parameter.shape, rng)))
    return generator, discriminator


def random_parameter(name, shape, rng):
    """Returns random values large enough that no part of the network is near its linear regime."""
    values = rng.standard_normal(shape)
    if "LayerNorm.weight" in name:
        values = 1 + 0.1 * values
    elif name.endswith("bias"):
        values = 0.1 * values
    elif "_embeddings.weight" in name:
        values = 0.5 * values
    else:
        values = values / math.sqrt(shape[1])
    return values.astype(np.float32)


def named_parameters(generator, discriminator):
    """Returns every parameter once, by its name in the golden file."""
    parameters = {"discriminator." + n: p for n, p in discriminator.named_parameters()}
    for name, parameter in generator.named_parameters():
        if not name.startswith("electra.embeddings."):
            parameters["generator." + name] = parameter
    return parameters


class Padding:
    """Turns packed rows into padded Hugging Face input and back."""

    def __init__(self, batch):
        self.cu_seqlens = batch["cu_seqlens"]
        lengths = np.diff(self.cu_seqlens)
        self.attention_mask = torch.from_numpy(
            (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
        )

    def pad(self, packed):
        padded = torch.full(self.attention_mask.shape, PAD, dtype=torch.int64)
        padded[self.attention_mask.bool()] = torch.from_numpy(packed.astype(np.int64))
        return padded

    def unpad(self, padded):
        return padded[self.attention_mask.bool()]


def forward(generator, discriminator, batch):
    """Returns the outputs of one pre-training step, with ELECTRA's losses."""
    padding = Padding(batch)
    common = dict(
        attention_mask=padding.attention_mask,
        token_type_ids=padding.pad(batch["token_types"]),
        output_hidden_states=True,
    )
    gen = generator(input_ids=padding.pad(batch["masked_ids"]), **common)
    disc = discriminator(input_ids=padding.pad(batch["corrupted_ids"]), **common)

    generator_logits = padding.unpad(gen.logits)[batch["masked_positions"].astype(np.int64)]
    labels = torch.from_numpy(batch["masked_labels"].astype(np.int64))
    log_probs = torch.log_softmax(generator_logits, dim=-1)
    nll = -log_probs.gather(1, labels[:, None]).squeeze(1)

    logits = padding.unpad(disc.logits)
    replaced = torch.from_numpy(batch["labels"]).to(logits.dtype)
    log1p_exp = torch.log1p(torch.exp(-logits.abs()))
    per_token = torch.clamp(logits, min=0) - logits * replaced + log1p_exp

    epsilon = LOSS["denominator_epsilon"]
    generator_loss = nll.sum() / (len(nll) + epsilon)
    discriminator_loss = per_token.sum() / (len(per_token) + epsilon)
    return dict(
        generator_hidden=padding.unpad(gen.hidden_states[-1]),
        discriminator_hidden=padding.unpad(disc.hidden_states[-1]),
        generator_logits=generator_logits,
        nll=nll,
        discriminator_logits=logits,
        generator_loss=generator_loss,
        discriminator_loss=discriminator_loss,
        total_loss=LOSS["generator_weight"] * generator_loss
        + LOSS["discriminator_weight"] * discriminator_loss,
    )


def learning_rate(step):
    """Returns the rate of the update with this number: linear decay times linear warmup."""
    decay = max(0.0, 1.0 - step / OPTIMIZER["total_steps"])
    return OPTIMIZER["learning_rate"] * decay * min(1.0, step / OPTIMIZER["warmup_steps"])


class AdamW:
    """ELECTRA's optimizer: no bias correction, epsilon outside the root, decoupled decay."""

    def __init__(self, parameters):
        self.parameters = parameters
        self.m = {name: torch.zeros_like(p) for name, p in parameters.items()}
        self.v = {name: torch.zeros_like(p) for name, p in parameters.items()}

    @torch.no_grad()
    def step(self, rate):
        """Clips the gradients by their global norm, updates, and returns that norm."""
        o = OPTIMIZER
        norm = math.sqrt(sum(p.grad.square().sum().item() for p in self.parameters.values()))
        scale = min(1.0, o["max_grad_norm"] / norm)
        for name, parameter in self.parameters.items():
            g, m, v = parameter.grad * scale, self.m[name], self.v[name]
            m.copy_(o["beta1"] * m + (1 - o["beta1"]) * g)
            v.copy_(o["beta2"] * v + (1 - o["beta2"]) * g * g)
            update = m / (v.sqrt() + o["epsilon"])
            if not any(excluded in name for excluded in o["no_decay"]):
                update = update + o["weight_decay"] * parameter
            parameter.sub_(rate * update)
            parameter.grad = None
        return norm


def clear_vanishing_gradients(parameters):
    """Replaces the rounding noise of gradients that are zero in exact arithmetic by zero."""
    for name, parameter in parameters.items():
        if name.endswith("key.bias"):
            assert parameter.grad.abs().max() < 1e3 * torch.finfo(parameter.dtype).eps, name
            parameter.grad.zero_()


def run(pair, dtype):
    """Returns all tensors of one golden file, floating-point ones in the given dtype."""
    batch = make_batch(np.random.default_rng([pair["seed"], 0]))
    generator, discriminator = make_models(pair, np.random.default_rng([pair["seed"], 1]), dtype)
    parameters = named_parameters(generator, discriminator)
    tensors = {"input." + name: value for name, value in batch.items()}

    def keep(name, tensor):
        tensors[name] = np.array(tensor.detach().numpy(), ndmin=1)

    for name, parameter in parameters.items():
        keep(name, parameter)
    optimizer, history = AdamW(parameters), []
    for step in range(OPTIMIZER["first_step"], OPTIMIZER["first_step"] + OPTIMIZER["steps"]):
        outputs = forward(generator, discriminator, batch)
        outputs["total_loss"].backward()
        clear_vanishing_gradients(parameters)
        if not history:
            for name, value in outputs.items():
                keep("output." + name, value)
            for name, parameter in parameters.items():
                keep("grad." + name, parameter.grad)
        losses = {n: v.item() for n, v in outputs.items() if n.endswith("_loss")}
        rate = learning_rate(step)
        history.append({**losses, "grad_norm": optimizer.step(rate), "learning_rate": rate})
    for name, parameter in parameters.items():
        keep("final." + name, parameter)
    for name in history[0]:
        tensors["steps." + name] = np.array([entry[name] for entry in history])
    return tensors


def serialize(pair, tensors):
    metadata = dict(
        versions=dict(
            torch=torch.__version__, transformers=transformers.__version__, numpy=np.__version__
        ),
        precision="computed in float64 from float32 parameters, stored as float32",
        discriminator={**COMMON, **pair["discriminator"]},
        generator={**COMMON, **pair["generator"]},
        loss=LOSS,
        optimizer=OPTIMIZER,
    )
    stored = {
        name: np.ascontiguousarray(value, np.float32 if value.dtype.kind == "f" else np.int32)
        for name, value in tensors.items()
    }
    return save(stored, metadata={"golden": json.dumps(metadata, sort_keys=True)})


def float32_errors(pair, truth):
    """Prints how far the same run in float32 is from the truth: what a tolerance must allow."""
    float32 = {n: v.astype(np.float64) for n, v in run(pair, torch.float32).items()}
    worst = {}
    for name, value in float32.items():
        kind, _, parameter = name.partition(".")
        if kind not in ("output", "grad", "final", "steps") or parameter.endswith("key.bias"):
            continue
        compare = [(kind, value, truth[name])]
        if kind == "final":
            start = truth[parameter]
            compare.append(("final - initial", value - start, truth[name] - start))
        for label, actual, expected in compare:
            error = np.linalg.norm(actual - expected) / np.linalg.norm(expected)
            worst[label] = max(worst.get(label, (0.0, "")), (error, name))
    for label, (error, name) in worst.items():
        print(f"  {label:15}  worst relative error by norm {error:.1e}  {name}")


def main():
    parser = argparse.ArgumentParser(description="Golden files of the ELECTRA pre-training step.")
    parser.add_argument("--check", action="store_true", help="compare with the files only")
    parser.add_argument("--float32", action="store_true", help="print the errors of a float32 run")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    GOLDEN_DIR.mkdir(parents=True, exist_ok=True)
    for file_name, pair in PAIRS.items():
        tensors = run(pair, torch.float64)
        content = serialize(pair, tensors)
        path = GOLDEN_DIR / (file_name + ".safetensors")
        if options.float32:
            print(path.name)
            float32_errors(pair, tensors)
        elif not options.check:
            path.write_bytes(content)
            print(f"{path.name}: {len(tensors)} tensors, {len(content):,} bytes")
        elif not path.exists() or path.read_bytes() != content:
            sys.exit(f"{path} is not what this script writes; run it without --check")
        else:
            print(f"{path.name}: same bytes")


if __name__ == "__main__":
    main()
