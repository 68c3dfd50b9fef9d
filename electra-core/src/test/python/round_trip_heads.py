"""Takes models of every head from transformers through `electra import` and back.

How to run (from the repository's root, after a build):

    pip install torch==2.13.0 transformers==5.18.0 safetensors==0.8.0
    python electra-core/src/test/python/round_trip_heads.py examples/electra

For each head it saves a model with random weights, imports it, and checks with
check_model_directory.py that transformers loads the result with no missing or unexpected key and
gives the same logits, labels included. Models are saved whole, in shards, and with the LayerNorm
names and the bert. prefix of old conversions. Exit codes: 0 right, 1 wrong.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import ElectraConfig

SHAPE = dict(
    vocab_size=120,
    embedding_size=24,
    hidden_size=32,
    num_hidden_layers=3,
    num_attention_heads=4,
    intermediate_size=72,
    max_position_embeddings=40,
    initializer_range=0.2,
)
HEADS = {
    "ElectraModel": {},
    "ElectraForPreTraining": {},
    "ElectraForMaskedLM": {},
    "ElectraForSequenceClassification": dict(
        id2label={0: "no", 1: "yes", 2: "perhaps"},
        label2id={"no": 0, "yes": 1, "perhaps": 2},
        problem_type="multi_label_classification",
    ),
    "ElectraForTokenClassification": dict(
        id2label={0: "O", 1: "B-X", 2: "I-X"}, label2id={"O": 0, "B-X": 1, "I-X": 2}
    ),
    "ElectraForQuestionAnswering": {},
}


def save(directory, architecture, extra, shards):
    """Saves a model with random weights."""
    model = getattr(transformers, architecture)(ElectraConfig(**SHAPE, **extra)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter += 0.1 * torch.randn_like(parameter)
    model.save_pretrained(directory, **({"max_shard_size": "20KB"} if shards else {}))


def make_old(source, directory):
    """Copies a directory, its tensors under the names of old conversions."""
    directory.mkdir()
    (directory / "config.json").write_text((source / "config.json").read_text())
    tensors = {}
    for name, tensor in load_file(source / "model.safetensors").items():
        old = name.replace("LayerNorm.weight", "LayerNorm.gamma")
        old = old.replace("LayerNorm.bias", "LayerNorm.beta")
        tensors[old.replace("electra.", "discriminator.electra.", 1)] = tensor
    tensors["electra.embeddings.position_ids"] = torch.arange(40)[None]
    save_file(tensors, directory / "model.safetensors", {"format": "pt"})


def run(launcher, source, target, original):
    """Imports a directory and checks the result against the original; returns whether it failed."""
    imported = subprocess.run([launcher, "import", source, target], capture_output=True, text=True)
    if imported.returncode != 0:
        print(f"FAILED {source}: {imported.stderr}")
        return True
    reports = [json.loads(line) for line in imported.stdout.splitlines()]
    if any(report["unexpected"] for report in reports):
        print(f"FAILED {source}: unexpected tensors {reports}")
        return True
    script = Path(__file__).with_name("check_model_directory.py")
    return subprocess.run([sys.executable, script, target, "--same-as", original]).returncode != 0


def main():
    launcher = sys.argv[1]
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(3)
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for architecture, extra in HEADS.items():
            whole, shards, old = (root / f"{architecture}-{k}" for k in ("whole", "shards", "old"))
            save(whole, architecture, extra, False)
            save(shards, architecture, extra, True)
            make_old(whole, old)
            failures += run(launcher, whole, root / f"{architecture}-1", whole)
            failures += run(launcher, shards, root / f"{architecture}-2", shards)
            failures += run(launcher, old, root / f"{architecture}-3", whole)
    sys.exit(f"{failures} round trips failed" if failures else 0)


if __name__ == "__main__":
    main()
