"""Checks a model directory written by Electra4J with Hugging Face transformers.

How to run (no network):

    pip install torch==2.13.0 transformers==5.18.0 safetensors==0.8.0 numpy==2.4.6
    python check_model_directory.py DIR
    python check_model_directory.py DIR --input-ids ids.txt \\
        --detect detect.jsonl --embed embed.jsonl --fill-mask fill.jsonl

    python check_model_directory.py DIR --same-as ORIGINAL

A directory must load into the class that its config.json names: ElectraForPreTraining, with a
generator/ beside it if that was trained, ElectraForMaskedLM, ElectraForSequenceClassification,
ElectraForTokenClassification, ElectraForQuestionAnswering or ElectraModel. A missing, unexpected or
mismatched key is an error, and so is a tokenizer that does not fit the vocabulary. With --same-as,
both directories must give the same logits and have the same labels.

The other files hold what the command line printed, one JSON object a line:

    --detect      {"tokens": [{"token", "id", "start", "end", "logit", "replaced"}]}
    --embed       {"hidden": [[...]]} (embed --hidden) or {"embedding": [...]}, see --pooling
    --fill-mask   {"predictions": [[{"token", "id", "probability"}]]}, one list per [MASK]

Its input is either --input-ids (lines of space-separated ids, special tokens included) or --texts
(lines of text, encoded here by AutoTokenizer). All token types are 0. Exit codes: 0 right, 1 wrong.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
import transformers
from transformers import (
    AutoTokenizer,
    ElectraForMaskedLM,
    ElectraForPreTraining,
    ElectraForQuestionAnswering,
    ElectraForSequenceClassification,
    ElectraForTokenClassification,
    ElectraModel,
)

MODEL_CLASSES = {
    c.__name__: c
    for c in (
        ElectraForMaskedLM,
        ElectraForPreTraining,
        ElectraForQuestionAnswering,
        ElectraForSequenceClassification,
        ElectraForTokenClassification,
        ElectraModel,
    )
}


class CheckFailed(Exception):
    """What is wrong, in one or two sentences."""


def load(directory, expected=None):
    """Returns the model in the directory; fails unless every key of file and model is matched."""
    config_file = directory / "config.json"
    if not config_file.is_file():
        raise CheckFailed(f"{config_file} does not exist")
    architectures = json.loads(config_file.read_text(encoding="utf-8")).get("architectures")
    wanted = [expected] if expected else sorted(MODEL_CLASSES)
    if not architectures or len(architectures) != 1 or architectures[0] not in wanted:
        raise CheckFailed(
            f"{config_file}: architectures is {architectures}, expected one of {wanted}"
        )
    model, info = MODEL_CLASSES[architectures[0]].from_pretrained(
        directory,
        output_loading_info=True,
        dtype=torch.float32,
        attn_implementation="eager",
        local_files_only=True,
        ignore_mismatched_sizes=True,  # so that they are reported below like the others
    )
    problems = {kind: sorted(map(str, keys)) for kind, keys in info.items() if keys}
    if problems:
        raise CheckFailed(f"{directory}: transformers reports {json.dumps(problems)}")
    if model.config.model_type != "electra":
        raise CheckFailed(f"{config_file}: model_type is {model.config.model_type!r}")
    count = sum(parameter.numel() for parameter in model.parameters())
    print(f"{directory}: {architectures[0]}, {count:,} parameters, every key matched")
    return model.eval()


def load_tokenizer(directory, config):
    """Returns the directory's tokenizer; fails unless it fits the model's vocabulary."""
    tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True)
    if len(tokenizer) != config.vocab_size:
        raise CheckFailed(
            f"{directory}: the tokenizer has {len(tokenizer)} entries, "
            f"config.json says vocab_size {config.vocab_size}"
        )
    if tokenizer.pad_token_id != config.pad_token_id:
        raise CheckFailed(
            f"{directory}: [PAD] is {tokenizer.pad_token_id} in the tokenizer, "
            f"pad_token_id is {config.pad_token_id} in config.json"
        )
    vocabulary_file = directory / "vocab.txt"
    lines = vocabulary_file.read_text(encoding="utf-8").split("\n")
    vocabulary = lines[:-1] if lines[-1] == "" else lines
    for token_id, token in enumerate(vocabulary):
        if tokenizer.convert_tokens_to_ids(token) != token_id:
            raise CheckFailed(
                f"{vocabulary_file}:{token_id + 1}: {token!r} is id {token_id}, "
                f"but {tokenizer.convert_tokens_to_ids(token)} in the tokenizer"
            )
    print(f"{directory}: {type(tokenizer).__name__}, {len(tokenizer):,} entries")
    return tokenizer


def read_inputs(options, tokenizer):
    """Returns the token ids of every line of the input, or None when none was given."""
    if options.input_ids:
        lines = options.input_ids.read_text(encoding="utf-8").splitlines()
        return [[int(token_id) for token_id in line.split()] for line in lines if line.strip()]
    if options.texts:
        lines = options.texts.read_text(encoding="utf-8").splitlines()
        return [tokenizer(line)["input_ids"] for line in lines]
    return None


def read_outputs(path, inputs):
    """Yields (where, token ids, JSON object) for every line of the file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) != len(inputs):
        raise CheckFailed(f"{path} has {len(lines)} lines for {len(inputs)} inputs")
    if not lines:
        raise CheckFailed(f"{path} is empty")
    for number, (line, ids) in enumerate(zip(lines, inputs), 1):
        yield f"{path}:{number}", ids, json.loads(line)


class Comparison:
    """Keeps the largest difference of one file and fails on the first that is too large."""

    def __init__(self, path, tolerance):
        self.path, self.tolerance = path, tolerance
        self.worst, self.count = 0.0, 0

    def check(self, where, what, actual, expected):
        actual = torch.tensor(actual, dtype=torch.float64)
        expected = expected.to(torch.float64)
        if actual.shape != expected.shape:
            raise CheckFailed(
                f"{where}: {what} has shape {tuple(actual.shape)}, "
                f"transformers has {tuple(expected.shape)}"
            )
        difference = (actual - expected).abs().max().item()
        if not difference <= self.tolerance:
            raise CheckFailed(
                f"{where}: {what} differs from transformers by {difference:.3g}, "
                f"allowed is {self.tolerance:g}"
            )
        self.worst = max(self.worst, difference)
        self.count += actual.numel()

    def report(self):
        print(f"{self.path}: {self.count:,} values, largest difference {self.worst:.2e}")


def check_detect(path, model, inputs, tolerance):
    comparison = Comparison(path, tolerance)
    for where, ids, result in read_outputs(path, inputs):
        tokens = result["tokens"]
        if [token["id"] for token in tokens] != ids:
            raise CheckFailed(f"{where}: ids {[t['id'] for t in tokens]}, the input is {ids}")
        logits = model(torch.tensor([ids])).logits[0]
        comparison.check(where, "logit", [token["logit"] for token in tokens], logits)
        replaced = [token["replaced"] for token in tokens]
        comparison.check(where, "replaced", replaced, torch.sigmoid(logits))
    comparison.report()


def check_embed(path, model, inputs, tolerance, pooling):
    comparison = Comparison(path, tolerance)
    for where, ids, result in read_outputs(path, inputs):
        hidden = model.electra(torch.tensor([ids])).last_hidden_state[0]
        if "hidden" in result:
            comparison.check(where, "hidden", result["hidden"], hidden)
        if "embedding" in result:
            expected = hidden[0] if pooling == "cls" else hidden.mean(dim=0)
            comparison.check(where, "embedding", result["embedding"], expected)
        if not result.keys() & {"hidden", "embedding"}:
            raise CheckFailed(f'{where}: neither "hidden" nor "embedding"')
    comparison.report()


def check_fill_mask(path, model, inputs, tolerance, mask_id):
    comparison = Comparison(path, tolerance)
    for where, ids, result in read_outputs(path, inputs):
        masked = [position for position, token_id in enumerate(ids) if token_id == mask_id]
        if len(result["predictions"]) != len(masked):
            raise CheckFailed(
                f"{where}: {len(result['predictions'])} lists of predictions for "
                f"{len(masked)} [MASK] tokens"
            )
        probabilities = torch.softmax(model(torch.tensor([ids])).logits[0].double(), dim=-1)
        for position, predictions in zip(masked, result["predictions"]):
            predicted = [prediction["id"] for prediction in predictions]
            actual = [prediction["probability"] for prediction in predictions]
            what = f"probability at token {position}"
            comparison.check(where, what, actual, probabilities[position, predicted])
            best = torch.topk(probabilities[position], len(predicted)).values
            comparison.check(where, "best " + what, actual, best)
    comparison.report()


def check_same(directory, model, original):
    """Compares logits over a padded batch, and labels, with those of another directory."""
    other = load(original)
    for field in ("id2label", "label2id", "problem_type"):
        here, there = getattr(model.config, field), getattr(other.config, field)
        if here != there:
            raise CheckFailed(f"{directory}: {field} is {here}, in {original} {there}")
    torch.manual_seed(0)
    length = model.config.max_position_embeddings
    ids = torch.randint(0, model.config.vocab_size, (3, length))
    mask = (torch.arange(length) < torch.tensor([[length], [(length + 1) // 2], [1]])).long()
    types = (torch.arange(length) >= length // 3).long().expand(3, -1)
    comparison = Comparison(f"{directory} and {original}", 0)
    inputs = dict(input_ids=ids, attention_mask=mask, token_type_ids=types)
    expected = other(**inputs).to_tuple()
    for number, actual in enumerate(model(**inputs).to_tuple()):
        comparison.check(str(directory), f"output {number}", actual.tolist(), expected[number])
    comparison.report()


def check(options):
    """Runs every check that was asked for; raises CheckFailed at the first that fails."""
    model = load(options.directory)
    if options.same_as:
        check_same(options.directory, model, options.same_as)
    is_discriminator = isinstance(model, ElectraForPreTraining)
    generator = model
    if is_discriminator and (not options.same_as or (options.same_as / "generator").is_dir()):
        generator = load(options.directory / "generator", "ElectraForMaskedLM")
        if options.same_as:
            check_same(options.directory / "generator", generator, options.same_as / "generator")
    if options.same_as and not (options.same_as / "vocab.txt").exists():
        return
    tokenizer = load_tokenizer(options.directory, model.config)
    inputs = read_inputs(options, tokenizer)
    if options.detect:
        if not is_discriminator:
            raise CheckFailed(f"{options.directory} has no discriminator: --detect has no meaning")
        check_detect(options.detect, model, inputs, options.tolerance)
    if options.embed:
        check_embed(options.embed, model, inputs, options.tolerance, options.pooling)
    if options.fill_mask:
        mask_id = tokenizer.mask_token_id
        check_fill_mask(options.fill_mask, generator, inputs, options.tolerance, mask_id)


def main():
    parser = argparse.ArgumentParser(description="Checks a model directory with transformers.")
    parser.add_argument("directory", type=Path)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--input-ids", type=Path, help="the ids that were given to the commands")
    source.add_argument("--texts", type=Path, help="the texts that were given to the commands")
    parser.add_argument("--detect", type=Path, help="output of detect")
    parser.add_argument("--embed", type=Path, help="output of embed")
    parser.add_argument("--fill-mask", type=Path, help="output of fill-mask")
    parser.add_argument("--same-as", type=Path, help="a directory of the same model")
    parser.add_argument("--pooling", choices=["cls", "mean"], default="cls")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="largest absolute difference")
    options = parser.parse_args()
    outputs = (options.detect, options.embed, options.fill_mask)
    if any(outputs) and not (options.input_ids or options.texts):
        parser.error("--detect, --embed and --fill-mask need --input-ids or --texts")
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    try:
        with torch.inference_mode():
            check(options)
    except CheckFailed as failure:
        sys.exit(f"FAILED {failure}")
    print("OK")


if __name__ == "__main__":
    main()
