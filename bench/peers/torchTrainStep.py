"""The model and its training step in PyTorch, eager, with its fused attention and optimiser.

    python3 torchTrainStep.py FOLDER THREADS

FOLDER holds task.json and weights.bin (bench/peers/torchTrainStep.ts). Requests: {"op": "step"} makes one step and
replies with its seconds and its loss before the update; {"op": "matmul"} replies with the machine's own limit.
"""

import json
import sys
import time
from pathlib import Path

from lines import import_or_say_absent, matmul_gflops, reply, requests


def load():
    import torch
    import torch.nn.functional

    return torch


torch = import_or_say_absent(load)
F = torch.nn.functional
FOLDER = Path(sys.argv[1])
torch.set_num_threads(int(sys.argv[2]))
TASK = json.loads((FOLDER / "task.json").read_text())
CONFIG, OPTIMISER = TASK["config"], TASK["optimiser"]
B, L = TASK["sequences"], TASK["length"]
H, KV, C = CONFIG["heads"], CONFIG["kvHeads"], CONFIG["headDim"]
EPS = CONFIG["normEps"]


def read_weights():
    flat = torch.frombuffer(bytearray((FOLDER / "weights.bin").read_bytes()), dtype=torch.float32)
    weights, at = {}, 0
    for entry in TASK["weights"]:
        size = torch.Size(entry["shape"]).numel()
        weights[entry["name"]] = flat[at : at + size].view(entry["shape"]).clone().requires_grad_()
        at += size
    return weights


W = read_weights()
IDS = torch.tensor(TASK["ids"]).view(B, L)
ANGLES = torch.arange(L).double()[:, None] * CONFIG["ropeTheta"] ** (-2 * torch.arange(C // 2).double() / C)
COS, SIN = (torch.cat([t, t], -1).float() for t in (ANGLES.cos(), ANGLES.sin()))  # [L, C]


def norm(x, name):
    w = W[name + ".weight"]
    return F.rms_norm(x, (w.shape[0],), w, EPS)


def linear(x, name):
    return F.linear(x, W[name + ".weight"])


def rope(x):
    """x[B, heads, L, C]"""
    low, high = x.chunk(2, -1)
    return x * COS + torch.cat([-high, low], -1) * SIN


def loss():
    """Mean -logprob of the next tokens."""
    x = F.embedding(IDS, W["model.embed_tokens.weight"])
    for i in range(CONFIG["layers"]):
        attention, mlp = f"model.layers.{i}.self_attn.", f"model.layers.{i}.mlp."
        n = norm(x, f"model.layers.{i}.input_layernorm")
        q = rope(norm(linear(n, attention + "q_proj").view(B, L, H, C), attention + "q_norm").transpose(1, 2))
        k = rope(norm(linear(n, attention + "k_proj").view(B, L, KV, C), attention + "k_norm").transpose(1, 2))
        v = linear(n, attention + "v_proj").view(B, L, KV, C).transpose(1, 2)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        x = x + linear(mixed.transpose(1, 2).reshape(B, L, H * C), attention + "o_proj")
        n = norm(x, f"model.layers.{i}.post_attention_layernorm")
        x = x + linear(F.silu(linear(n, mlp + "gate_proj")) * linear(n, mlp + "up_proj"), mlp + "down_proj")
    hidden = norm(x[:, :-1], "model.norm")
    logits = F.linear(hidden, W["model.embed_tokens.weight"])
    return F.cross_entropy(logits.reshape(B * (L - 1), -1), IDS[:, 1:].reshape(-1))


def group(decay):
    names = [entry["name"] for entry in TASK["weights"] if entry["decay"] == decay]
    return {"params": [W[name] for name in names], "weight_decay": OPTIMISER["weightDecay"] if decay else 0.0}


optimiser = torch.optim.AdamW(
    [group(True), group(False)],
    lr=OPTIMISER["learningRate"],
    betas=tuple(OPTIMISER["betas"]),
    eps=OPTIMISER["epsilon"],
    fused=True,
)


def step():
    optimiser.zero_grad()
    value = loss()
    value.backward()
    torch.nn.utils.clip_grad_norm_(W.values(), OPTIMISER["maxGradNorm"])
    optimiser.step()
    return value.item()


reply({"label": f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads"})
for request in requests():
    if request["op"] == "matmul":
        reply({"gflops": matmul_gflops()})
    else:
        start = time.perf_counter()
        value = step()
        reply({"seconds": time.perf_counter() - start, "loss": value})
