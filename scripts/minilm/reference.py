"""Sentence vectors by Python's onnxruntime and tokenizers: a text at a time, nothing padded.

    python reference.py FOLDER MAX_TOKENS POOLING < texts.json > vectors.json

FOLDER holds model.onnx and tokenizer.json; POOLING is mean or cls. Vectors have length 1.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

folder, max_tokens, pooling = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if pooling not in ("mean", "cls"):
    sys.exit(f"pooling {pooling}: this reference knows mean and cls")
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(max_length=max_tokens)
session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
names = [given.name for given in session.get_inputs()]

rows = []
for text in json.load(sys.stdin):
    ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
    known = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    (hidden,) = session.run(["last_hidden_state"], {name: known[name] for name in names})
    vector = hidden[0].astype(np.float64)
    vector = vector[0] if pooling == "cls" else vector.mean(axis=0)
    rows.append((vector / np.linalg.norm(vector)).tolist())
json.dump(rows, sys.stdout)
