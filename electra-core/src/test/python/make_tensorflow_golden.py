"""Writes the TensorFlow checkpoints that the tests read, as google-research/electra names variables.

How to run (from electra-core, no network but for pip):

    pip install tensorflow-cpu==2.21.0
    python src/test/python/make_tensorflow_golden.py src/test/resources/tensorflow

It writes pretrained/model.ckpt-7 (a tiny discriminator and generator with Adam's moments, and the
step), language_model/model.ckpt-3 (a masked language model), and three encoders with the head of a task:
finetuned/model.ckpt-5 (classification), tagging/model.ckpt-6, with Adam's moments of the head, and
questions/model.ckpt-8 (the joint head). Values are a function of name and element, so that a test can compute
them: crc32(name) as seed s, element i is ((s + i * 7919) mod 1000) / 1000 - 0.5.
"""

import sys
import zlib
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

VOCAB, EMBEDDING, POSITIONS, TYPES = 29, 6, 11, 2
MAIN = dict(hidden=12, layers=2, intermediate=20)
GENERATOR = dict(hidden=8, layers=1, intermediate=32)


def values(name, shape):
    """Returns the values of a variable."""
    count = int(np.prod(shape, dtype=np.int64))
    seed = zlib.crc32(name.encode("utf-8"))
    numbers = (seed + np.arange(count, dtype=np.int64) * 7919) % 1000
    return (numbers / 1000.0 - 0.5).astype(np.float32).reshape(shape)


def dense(name, inputs, outputs):
    """Returns the variables of a linear layer, its kernel as (in, out)."""
    return {f"{name}/kernel": (inputs, outputs), f"{name}/bias": (outputs,)}


def norm(name, width):
    return {f"{name}/LayerNorm/gamma": (width,), f"{name}/LayerNorm/beta": (width,)}


def tables(scope):
    """Returns the embedding tables and their LayerNorm."""
    return {
        f"{scope}/embeddings/word_embeddings": (VOCAB, EMBEDDING),
        f"{scope}/embeddings/position_embeddings": (POSITIONS, EMBEDDING),
        f"{scope}/embeddings/token_type_embeddings": (TYPES, EMBEDDING),
        **norm(f"{scope}/embeddings", EMBEDDING),
    }


def encoder(scope, hidden, layers, intermediate):
    """Returns projection and layers."""
    shapes = dense(f"{scope}/embeddings_project", EMBEDDING, hidden)
    for index in range(layers):
        layer = f"{scope}/encoder/layer_{index}"
        for part in ("query", "key", "value"):
            shapes |= dense(f"{layer}/attention/self/{part}", hidden, hidden)
        shapes |= dense(f"{layer}/attention/output/dense", hidden, hidden)
        shapes |= norm(f"{layer}/attention/output", hidden)
        shapes |= dense(f"{layer}/intermediate/dense", hidden, intermediate)
        shapes |= dense(f"{layer}/output/dense", intermediate, hidden)
        shapes |= norm(f"{layer}/output", hidden)
    return shapes


def language_model_head(hidden):
    return {
        **dense("generator_predictions/dense", hidden, EMBEDDING),
        **norm("generator_predictions", EMBEDDING),
        "generator_predictions/output_bias": (VOCAB,),
    }


def joint_head(scope, hidden):
    """Returns the variables of the joint head for questions, named as tf.layers numbers its layers."""
    return {
        **dense(f"{scope}/dense", hidden, 1),
        **dense(f"{scope}/qa_hidden", 2 * hidden, 512),
        **dense(f"{scope}/dense_1", 512, 1),
        **dense(f"{scope}/dense_2", 2 * hidden, 512),
        **dense(f"{scope}/dense_3", 512, 1),
    }


def save(path, shapes, step, moments):
    """Writes a checkpoint of version 2 with these variables and global_step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = dict(shapes)
    if moments:
        for name, shape in shapes.items():
            names[f"{name}/adam_m"] = names[f"{name}/adam_v"] = shape
    with tf.Graph().as_default(), tf.Session() as session:
        variables = [
            tf.get_variable(name, initializer=values(name, shape)) for name, shape in names.items()
        ]
        variables.append(
            tf.get_variable("global_step", initializer=np.int64(step), trainable=False)
        )
        session.run(tf.global_variables_initializer())
        saver = tf.train.Saver(variables)
        saver.save(session, str(path), global_step=step, write_meta_graph=False)
    state = path.parent / "checkpoint"
    state.write_text(state.read_text().replace(f"{path.parent}/", ""))


def main():
    root = Path(sys.argv[1])
    hidden = MAIN["hidden"]
    main_network = tables("electra") | encoder("electra", **MAIN)
    discriminator_head = dense("discriminator_predictions/dense", hidden, hidden) | dense(
        "discriminator_predictions/dense_1", hidden, 1
    )
    generator = encoder("generator", **GENERATOR) | language_model_head(GENERATOR["hidden"])
    save(root / "pretrained/model.ckpt", main_network | discriminator_head | generator, 7, True)
    save(root / "language_model/model.ckpt", main_network | language_model_head(hidden), 3, False)
    head = dense("task_specific/mrpc/dense", hidden, 2)
    save(root / "finetuned/model.ckpt", main_network | head, 5, False)
    head = dense("task_specific/chunk/dense", hidden, 5)
    moments = {f"{name}/{moment}": head[name] for name in head for moment in ("adam_m", "adam_v")}
    save(root / "tagging/model.ckpt", main_network | head | moments, 6, False)
    save(root / "questions/model.ckpt", main_network | joint_head("task_specific/squad", hidden), 8, False)


if __name__ == "__main__":
    main()
