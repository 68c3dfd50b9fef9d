"""Makes of a Hugging Face directory of an ELECTRA encoder what the peers of EncoderBench read.

  python export_encoder.py DIRECTORY
writes encoder.onnx (fp32), encoder-int8.onnx (dynamic quantisation) and encoder.pt (TorchScript) beside it. Inputs are
input_ids and attention_mask, both int64 of shape (batch, sequence); the output is the last layer's hidden states.
"""
import os
import sys

import torch
from onnxruntime.quantization import quantize_dynamic
from transformers import ElectraModel


class Encoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask)[0]


def replace(path, write):
    """Writes a file completely or not at all."""
    write(path + ".part")
    os.replace(path + ".part", path)


def main(directory):
    model = ElectraModel.from_pretrained(directory, attn_implementation="eager").eval()
    encoder = Encoder(model).eval()
    ids = torch.randint(1000, model.config.vocab_size, (2, 16))
    inputs = (ids, torch.ones_like(ids))
    names = ["input_ids", "attention_mask"]
    onnx = os.path.join(directory, "encoder.onnx")
    replace(onnx, lambda path: torch.onnx.export(
        encoder, inputs, path, input_names=names, output_names=["hidden_states"], opset_version=17, dynamo=False,
        dynamic_axes={name: {0: "batch", 1: "sequence"} for name in names + ["hidden_states"]}))
    replace(os.path.join(directory, "encoder-int8.onnx"), lambda path: quantize_dynamic(onnx, path))
    sdpa = Encoder(ElectraModel.from_pretrained(directory).eval()).eval()
    with torch.inference_mode():
        script = torch.jit.trace(sdpa, inputs, strict=False, check_trace=False)
    replace(os.path.join(directory, "encoder.pt"), script.save)


if __name__ == "__main__":
    main(sys.argv[1])
