"""Makes the golden files of tests/golden/data with PyTorch: python3 tests/golden/make.py

A plain reference of the Llama, Qwen2 and Qwen3 decoders in float64, written from their papers, independent of src/.
For each small model it stores weights, and for one packed batch: logits, log-probabilities and entropies, the
gradients of a loss over them, the parameters after two clipped AdamW steps, and mean-pooled vectors of the same
model read as a bidirectional encoder, with their gradients.
"""

import json
import math
import struct
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
HERE = Path(__file__).parent / "data"

BASE = dict(num_hidden_layers=2, hidden_act="silu", rms_norm_eps=1e-5, max_position_embeddings=64)
MODELS = {
    "llama": dict(
        BASE, model_type="llama", vocab_size=53, hidden_size=20, intermediate_size=37, num_attention_heads=4,
        num_key_value_heads=1, head_dim=6, rope_theta=10000.0, tie_word_embeddings=True,
    ),
    "qwen2": dict(
        BASE, model_type="qwen2", vocab_size=47, hidden_size=24, intermediate_size=31, num_attention_heads=4,
        num_key_value_heads=2, rope_theta=1000000.0, tie_word_embeddings=False,
    ),
    "qwen3": dict(
        BASE, model_type="qwen3", vocab_size=59, hidden_size=18, intermediate_size=29, num_attention_heads=3,
        num_key_value_heads=3, head_dim=10, rope_parameters={"rope_type": "default", "rope_theta": 500000.0},
        tie_word_embeddings=True, attention_bias=False,
    ),
}
LENGTHS = [7, 1, 12, 1, 3]
SCORED_FROM = [3, 1, 1, 1, 2]
TEMPERATURE = 0.8
ADAMW = dict(lr=0.01, betas=(0.9, 0.95), eps=1e-5, weight_decay=0.1)
MAX_NORM = 0.5


def head_dim(c):
    return c.get("head_dim", c["hidden_size"] // c["num_attention_heads"])


def make_weights(c, gen):
    def normal(*shape, std=0.25):
        return torch.randn(*shape, generator=gen) * std

    d, f, v, dim = c["hidden_size"], c["intermediate_size"], c["vocab_size"], head_dim(c)
    q, kv = c["num_attention_heads"] * dim, c["num_key_value_heads"] * dim
    w = {"model.embed_tokens.weight": normal(v, d, std=0.5)}
    for i in range(c["num_hidden_layers"]):
        at = f"model.layers.{i}."
        w[at + "input_layernorm.weight"] = 1 + normal(d)
        w[at + "self_attn.q_proj.weight"] = normal(q, d)
        w[at + "self_attn.k_proj.weight"] = normal(kv, d)
        w[at + "self_attn.v_proj.weight"] = normal(kv, d)
        if c["model_type"] == "qwen2":
            w[at + "self_attn.q_proj.bias"] = normal(q)
            w[at + "self_attn.k_proj.bias"] = normal(kv)
            w[at + "self_attn.v_proj.bias"] = normal(kv)
        if c["model_type"] == "qwen3":
            w[at + "self_attn.q_norm.weight"] = 1 + normal(dim)
            w[at + "self_attn.k_norm.weight"] = 1 + normal(dim)
        w[at + "self_attn.o_proj.weight"] = normal(d, q)
        w[at + "post_attention_layernorm.weight"] = 1 + normal(d)
        w[at + "mlp.gate_proj.weight"] = normal(f, d)
        w[at + "mlp.up_proj.weight"] = normal(f, d)
        w[at + "mlp.down_proj.weight"] = normal(d, f)
    w["model.norm.weight"] = 1 + normal(d)
    if not c["tie_word_embeddings"]:
        w["lm_head.weight"] = normal(v, d)
    # Stored in float32: what both sides start from must be the same numbers.
    return {name: t.float().double().requires_grad_() for name, t in w.items()}


def rmsnorm(x, w, eps):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps) * w


def rope(x, theta):
    """x[T, H, C]: rotates the pairs (i, i + C/2) by position * theta^(-2i/C)."""
    t, _, c = x.shape
    angle = torch.arange(t)[:, None] * theta ** (-2 * torch.arange(c // 2) / c)
    cos, sin = angle.cos()[:, None], angle.sin()[:, None]
    low, high = x[..., : c // 2], x[..., c // 2 :]
    return torch.cat([low * cos - high * sin, high * cos + low * sin], -1)


def hidden(c, w, ids, causal):
    """One sequence ids[T] -> hidden states after the final norm [T, D]."""
    eps, dim, t = c["rms_norm_eps"], head_dim(c), len(ids)
    heads, kv_heads = c["num_attention_heads"], c["num_key_value_heads"]
    theta = c.get("rope_theta") or c["rope_parameters"]["rope_theta"]
    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        at = f"model.layers.{i}."

        def project(name, count):
            y = n @ w[f"{at}self_attn.{name}_proj.weight"].T
            bias = w.get(f"{at}self_attn.{name}_proj.bias")
            return (y if bias is None else y + bias).view(t, count, dim)

        n = rmsnorm(x, w[at + "input_layernorm.weight"], eps)
        q, k, v = project("q", heads), project("k", kv_heads), project("v", kv_heads)
        if c["model_type"] == "qwen3":
            q = rmsnorm(q, w[at + "self_attn.q_norm.weight"], eps)
            k = rmsnorm(k, w[at + "self_attn.k_norm.weight"], eps)
        q, k = rope(q, theta), rope(k, theta)
        k, v = (z.repeat_interleave(heads // kv_heads, dim=1) for z in (k, v))
        scores = torch.einsum("ihc,jhc->hij", q, k) / math.sqrt(dim)
        if causal:
            scores = scores.masked_fill(torch.ones(t, t).triu(1).bool(), -math.inf)
        mixed = torch.einsum("hij,jhc->ihc", scores.softmax(-1), v).reshape(t, heads * dim)
        x = x + mixed @ w[at + "self_attn.o_proj.weight"].T
        n = rmsnorm(x, w[at + "post_attention_layernorm.weight"], eps)
        gate, up = n @ w[at + "mlp.gate_proj.weight"].T, n @ w[at + "mlp.up_proj.weight"].T
        x = x + (gate * gate.sigmoid() * up) @ w[at + "mlp.down_proj.weight"].T
    return rmsnorm(x, w["model.norm.weight"], eps)


def logits(c, w, ids):
    head = w["model.embed_tokens.weight" if c["tie_word_embeddings"] else "lm_head.weight"]
    return hidden(c, w, ids, causal=True) @ head.T


def scores(c, w, sequences):
    """Log-probability and entropy at the temperature of every scored token, in order."""
    logprob, entropy = [], []
    for ids, start in zip(sequences, SCORED_FROM):
        logp = (logits(c, w, ids)[start - 1 : -1] / TEMPERATURE).log_softmax(-1)
        logprob.append(logp.gather(1, torch.tensor(ids[start:], dtype=torch.long)[:, None])[:, 0])
        entropy.append(-(logp.exp() * logp).sum(-1))
    return torch.cat(logprob), torch.cat(entropy)


def gradients(loss, w):
    grads = torch.autograd.grad(loss, list(w.values()), retain_graph=True, allow_unused=True)
    return {name: torch.zeros_like(t) if g is None else g for (name, t), g in zip(w.items(), grads)}


def save(path, tensors):
    header, data = {}, b""
    for name, t in tensors.items():
        raw = t.detach().float().contiguous().numpy().astype("<f4").tobytes()
        header[name] = dict(dtype="F32", shape=list(t.shape), data_offsets=[len(data), len(data) + len(raw)])
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def make(name, c, seed):
    gen = torch.Generator().manual_seed(seed)
    w = make_weights(c, gen)
    save(HERE / f"{name}.weights.safetensors", w)
    sequences = [torch.randint(c["vocab_size"], (n,), generator=gen).tolist() for n in LENGTHS]
    out = {"logits": torch.cat([logits(c, w, ids) for ids in sequences])}

    out["logprob"], out["entropy"] = scores(c, w, sequences)
    seeds = [torch.randn(len(out["logprob"]), generator=gen).float().double() for _ in range(2)]

    def loss():
        logprob, entropy = scores(c, w, sequences)
        return (seeds[0] * logprob).sum() + (seeds[1] * entropy).sum()

    grads = gradients(loss(), w)
    out |= {f"grad.{k}": g for k, g in grads.items()}

    pooled = torch.stack([hidden(c, w, ids, causal=False).mean(0) for ids in sequences])
    pooled_seed = torch.randn(*pooled.shape, generator=gen).float().double()
    out |= {"pooled": pooled, "pooledSeed": pooled_seed}
    out |= {f"encoderGrad.{k}": g for k, g in gradients((pooled_seed * pooled).sum(), w).items()}

    decayed = [t for t in w.values() if t.dim() > 1]
    others = [t for t in w.values() if t.dim() == 1]
    optimiser = torch.optim.AdamW([dict(params=decayed), dict(params=others, weight_decay=0.0)], **ADAMW)
    norms = []
    for _ in range(2):
        optimiser.zero_grad()
        loss().backward()
        norms.append(torch.nn.utils.clip_grad_norm_(list(w.values()), MAX_NORM).item())
        optimiser.step()
    out |= {f"after.{k}": t for k, t in w.items()}
    save(HERE / f"{name}.expected.safetensors", out)

    case = dict(
        config=c, sequences=sequences, scoredFrom=SCORED_FROM, temperature=TEMPERATURE,
        logprobSeed=seeds[0].tolist(), entropySeed=seeds[1].tolist(),
        update=dict(
            learningRate=ADAMW["lr"], betas=ADAMW["betas"], epsilon=ADAMW["eps"],
            weightDecay=ADAMW["weight_decay"], maxGradNorm=MAX_NORM,
        ),
        gradNorms=norms,
    )
    (HERE / f"{name}.json").write_text(json.dumps(case, indent=1) + "\n")


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for seed, (model, config) in enumerate(MODELS.items()):
        make(model, config, seed + 1)
