"""Loss and gradients of the GRPO objective by PyTorch in float64 -> data/objective.json.

    python3 tests/golden/objective.py

The formulas are those of the paper's trainer (token ratios, clip, k3 KL clamped at 10, entropy bonus, token mean),
written with torch's own exp, clamp and max so that autograd gives the gradients to compare with.
"""

import json
import pathlib

import torch

torch.manual_seed(7)


def case(n, clip_low, clip_high, kl_weight, entropy_weight, spread):
    logprobs = (-torch.rand(n, dtype=torch.float64) * 3).requires_grad_(True)
    entropies = (torch.rand(n, dtype=torch.float64) * 2).requires_grad_(True)
    old = logprobs.detach() + spread * torch.randn(n, dtype=torch.float64)
    ref = logprobs.detach() + 2 * spread * torch.randn(n, dtype=torch.float64)
    ref[0] = logprobs.detach()[0] + 5  # k3 beyond its clamp
    advantages = torch.randn(n, dtype=torch.float64)
    advantages[1] = 0
    mask = torch.rand(n) > 0.3
    mask[0] = mask[1] = True
    ratio = torch.exp(logprobs - old)
    free = -advantages * ratio
    bounded = -advantages * torch.clamp(ratio, 1 - clip_low, 1 + clip_high)
    gap = ref - logprobs
    k3 = torch.clamp(torch.exp(gap) - gap - 1, min=-10, max=10)
    token = torch.max(free, bounded) + kl_weight * k3 - entropy_weight * entropies
    loss = token[mask].mean()
    loss.backward()
    return {
        "options": {
            "clipLow": clip_low,
            "clipHigh": clip_high,
            "klWeight": kl_weight,
            "entropyWeight": entropy_weight,
        },
        "input": {
            "logprobs": logprobs.tolist(),
            "oldLogprobs": old.tolist(),
            "refLogprobs": ref.tolist(),
            "entropies": entropies.tolist(),
            "advantages": advantages.tolist(),
            "mask": mask.tolist(),
        },
        "loss": loss.item(),
        "dLogprob": logprobs.grad.tolist(),
        "dEntropy": (entropies.grad if entropies.grad is not None else torch.zeros(n)).tolist(),
        "clipped": int(((bounded > free) & mask).sum()),
        "kl": k3[mask].mean().item(),
    }


cases = [
    case(12, 0.2, 0.2, 0.0, 0.0, 0.3),
    case(12, 0.2, 0.28, 0.001, 0.001, 0.3),
    case(9, 0.1, 0.4, 0.5, 0.1, 0.8),
    case(6, 0.2, 0.2, 0.05, 0.0, 0.0),
]
path = pathlib.Path(__file__).parent / "data" / "objective.json"
path.write_text(json.dumps(cases, indent=1) + "\n")
print(f"wrote {path}")
