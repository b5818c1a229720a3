"""Makes the folders of tests/golden/data/hf with transformers and PyTorch: python3 tests/golden/makeHf.py

Small randomly initialised models as Hugging Face saves them, one of each architecture and of each number type, one of
them in shards, and what transformers computes from the saved weights in float64: logits of one packed batch, and with
a LoRA adapter the log-probabilities and the gradients of a loss over them. The adapter (both factors random, so that
both have gradients) is written in PEFT's layout; its sum W·x + (alpha / rank)·B·(A·x) is PEFT's, by hand.
"""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen2Config, Qwen3Config

HERE = Path(__file__).parent / "data" / "hf"
SIZES = dict(
    vocab_size=61, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=128, initializer_range=0.3,
)
LLAMA3 = dict(
    rope_type="llama3", rope_theta=200000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=8192,
)
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
CASES = {
    "llama-f32": (LlamaConfig(**SIZES, head_dim=8, rope_parameters=LLAMA3, tie_word_embeddings=True), torch.float32, ALL),
    "llama-f16": (LlamaConfig(**SIZES, head_dim=8, tie_word_embeddings=False), torch.float16, ["q_proj", "v_proj"]),
    "qwen2-bf16": (Qwen2Config(**SIZES, tie_word_embeddings=False), torch.bfloat16, ALL),
    "qwen3-f16": (Qwen3Config(**SIZES, head_dim=10, tie_word_embeddings=True), torch.float16, ALL),
}
SHARDED = {"qwen2-bf16": "12KB"}
LENGTHS = [9, 40, 5]
RANK, ALPHA = 3, 5.0


class Lora(torch.nn.Module):
    def __init__(self, base, a, b):
        super().__init__()
        self.base, self.a, self.b = base, a, b

    def forward(self, x):
        return self.base(x) + (ALPHA / RANK) * (x @ self.a.T) @ self.b.T


def attach(model, targets, gen):
    """Puts adapters on the layers' targets. Returns their factors by PEFT's names."""
    factors = {}
    for name, module in list(model.named_modules()):
        last = name.split(".")[-1]
        if last not in targets or not isinstance(module, torch.nn.Linear):
            continue
        a = (torch.randn(RANK, module.in_features, generator=gen) * 0.3).double().requires_grad_()
        b = (torch.randn(module.out_features, RANK, generator=gen) * 0.3).double().requires_grad_()
        factors[f"base_model.model.{name}.lora_A.weight"] = a
        factors[f"base_model.model.{name}.lora_B.weight"] = b
        setattr(model.get_submodule(name.rsplit(".", 1)[0]), last, Lora(module, a, b))
    return factors


def make(name, config, dtype, targets, seed):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    gen = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config)
    for parameter in model.parameters():
        if parameter.dim() == 1:  # norms start at 1 and biases at 0, which would hide mistakes
            parameter.data += torch.randn(parameter.shape, generator=gen) * 0.2
    model.to(dtype).save_pretrained(folder, max_shard_size=SHARDED.get(name, "1GB"))
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64, attn_implementation="eager")
    (folder / "generation_config.json").unlink(missing_ok=True)
    for parameter in model.parameters():
        parameter.requires_grad_(False)

    sequences = [torch.randint(config.vocab_size, (n,), generator=gen) for n in LENGTHS]

    def logits():
        return torch.cat([model(ids[None]).logits[0] for ids in sequences])

    out = {"logits": logits()}
    factors = attach(model, targets, gen)
    adapter = folder / "adapter"
    adapter.mkdir()
    save_file({k: t.detach().float() for k, t in factors.items()}, adapter / "adapter_model.safetensors")
    (adapter / "adapter_config.json").write_text(json.dumps(dict(
        peft_type="LORA", task_type="CAUSAL_LM", r=RANK, lora_alpha=ALPHA, target_modules=targets,
        lora_dropout=0.0, bias="none", base_model_name_or_path=name,
    ), indent=1) + "\n")
    with torch.no_grad():  # both sides start from the same numbers
        for key, tensor in load_file(adapter / "adapter_model.safetensors").items():
            factors[key].copy_(tensor.double())

    targets_of = torch.cat([ids[1:] for ids in sequences])
    rows = torch.cat([z for z in (model(ids[None]).logits[0, :-1] for ids in sequences)])
    logp = rows.log_softmax(-1)
    out["logprob"] = logp.gather(1, targets_of[:, None])[:, 0]
    out["logprobSeed"] = torch.randn(len(targets_of), generator=gen).double()
    loss = (out["logprobSeed"].float().double() * out["logprob"]).sum()
    for key, g in zip(factors, torch.autograd.grad(loss, list(factors.values()))):
        out[f"grad.{key}"] = g
    save_file({k: t.detach().float().contiguous() for k, t in out.items()}, folder / "expected.safetensors")
    (folder / "sequences.json").write_text(json.dumps([ids.tolist() for ids in sequences]) + "\n")


if __name__ == "__main__":
    for seed, (name, (config, dtype, targets)) in enumerate(CASES.items()):
        make(name, config, dtype, targets, seed + 1)
