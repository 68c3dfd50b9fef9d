"""The peer of PretrainStepBench: the same pre-training step with PyTorch and Hugging Face transformers.

  python pretrain_step.py --objective electra --preset small --precision bf16 --batch 32 --seq-length 128 --threads 2
  python pretrain_step.py --device cuda --compile --batch 128
prints one JSON line: median seconds of a step, tokens and examples a second, and the largest resident set.

What a step does: mask 15 % of the tokens, run the generator, apply its language-model head at the masked positions,
sample by Gumbel-max, run the discriminator on the corrupted text, add the losses (1 : 50), back-propagate, clip to norm
1, update with fused AdamW. Generator and discriminator share their embeddings. With --objective mlm one network of the
discriminator's size is trained as a masked language model. No token is padding; with --compile no attention mask is
passed, which transformers otherwise drops only after looking at it.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import transformers
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from transformers import ElectraConfig, ElectraForMaskedLM, ElectraForPreTraining

VOCABULARY = 30522
MASK = 103
FIRST_WORD = 1000
PRESETS = {  # embedding, hidden, layers, heads, generator's share of the width, dropout
    "tiny": (128, 128, 4, 4, 0.5, 0.0),
    "small": (128, 256, 12, 4, 0.25, 0.1),
    "base": (768, 768, 12, 12, 1 / 3, 0.1),
}


def configuration(preset, share=1.0):
    embedding, hidden, layers, heads, _, dropout = PRESETS[preset]
    return ElectraConfig(
        vocab_size=VOCABULARY, embedding_size=embedding, hidden_size=round(hidden * share), num_hidden_layers=layers,
        num_attention_heads=max(1, round(heads * share)), intermediate_size=4 * round(hidden * share),
        hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout)


class Step:
    def __init__(self, options):
        self.options = options
        self.discriminator = None
        share = 1.0
        if options.objective == "electra":
            self.discriminator = ElectraForPreTraining(configuration(options.preset))
            share = PRESETS[options.preset][4]
        self.language_model = ElectraForMaskedLM(configuration(options.preset, share))
        if self.discriminator is not None:
            self.language_model.electra.embeddings = self.discriminator.electra.embeddings
        words = self.language_model.electra.embeddings.word_embeddings.weight
        self.language_model.generator_lm_head.weight = words
        self.device = torch.device(options.device)
        networks = [n for n in (self.language_model, self.discriminator) if n is not None]
        for network in networks:
            network.to(self.device).train()
        self.parameters = list({id(p): p for n in networks for p in n.parameters()}.values())
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=5e-4, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.01, fused=True)
        self.ids = torch.randint(FIRST_WORD, VOCABULARY, (options.batch, options.seq_length), device=self.device)
        self.mask = None if options.compile else torch.ones_like(self.ids)
        self.discriminate = self.discriminator
        if options.compile:
            self.predict = torch.compile(self.predict)
            self.discriminate = self.discriminator and torch.compile(self.discriminator)

    def run(self):
        ids, masked = self.ids, max(1, round(0.15 * self.options.seq_length))
        positions = torch.rand(ids.shape, device=self.device).topk(masked, dim=1).indices
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.options.precision == "bf16"):
            logits = self.predict(ids.scatter(1, positions, MASK), positions)
            loss = cross_entropy(logits.view(-1, VOCABULARY), ids.gather(1, positions).view(-1))
            if self.discriminator is not None:
                corrupted = ids.scatter(1, positions, self.sample(logits))
                found = self.discriminate(input_ids=corrupted, attention_mask=self.mask).logits.float()
                loss = loss + 50 * binary_cross_entropy_with_logits(found, (corrupted != ids).float())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        return loss.item()

    def predict(self, masked_ids, positions):
        model = self.language_model
        hidden = model.electra(input_ids=masked_ids, attention_mask=self.mask)[0]
        hidden = hidden.gather(1, positions.unsqueeze(-1).expand(-1, -1, hidden.shape[-1]))
        return model.generator_lm_head(model.generator_predictions(hidden)).float()

    @staticmethod
    def sample(logits):
        with torch.no_grad():
            uniform = torch.rand_like(logits).clamp_(1e-9, 1 - 1e-7)
            return (logits - torch.log(-torch.log(uniform))).argmax(-1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--objective", default="electra", choices=["electra", "mlm"])
    parser.add_argument("--preset", default="small", choices=PRESETS)
    parser.add_argument("--precision", default="bf16", choices=["fp32", "bf16"])
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seq-length", type=int, default=128)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--compile", action="store_true", help="compile the networks by torch.compile")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--steps", type=int, default=4)
    options = parser.parse_args()
    if options.device != "cpu" and not torch.cuda.is_available():
        parser.error(f"--device {options.device}: this PyTorch ({torch.__version__}) sees no CUDA card")
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    step = Step(options)
    for _ in range(options.warmup):
        step.run()
    seconds = []
    for _ in range(options.steps):
        start = time.perf_counter()
        loss = step.run()
        seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds)
    print(json.dumps({
        "device": torch.cuda.get_device_name(step.device) if options.device != "cpu" else "cpu", "compiled": options.compile,
        "torch": torch.__version__, "transformers": transformers.__version__, "seconds": median,
        "tokens": options.batch * options.seq_length / median, "examples": options.batch / median, "loss": loss,
        "peak_rss_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


if __name__ == "__main__":
    main()
