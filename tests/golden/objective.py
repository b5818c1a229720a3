"""Loss and gradients of the GRPO objective and its variants by PyTorch in float64.

    python3 tests/golden/objective.py        (torch, and trl 1.16 for the variants)

data/objective.json: the formulas of the paper's trainer (token ratios, clip, k3 KL clamped at 10, entropy bonus, token
mean), written with torch's own exp, clamp and max so that autograd gives the gradients to compare with.

data/variants.json: from rewards to gradients, for each variant. Where TRL has the loss, TRL's own `_compute_loss` is
run on the numbers (GRPOTrainer: grpo, dr-grpo, dapo, gspo, cispo; RLOOTrainer: rloo); LOOP and LLDS are written after
apple/ml-loop (phi_agents/rl/train.py) and the LLDS authors' dp_actor.py. Advantages are verl's (core_algos.py).
"""

import json
import pathlib
from collections import defaultdict
from types import SimpleNamespace

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


# --- the variants: three groups of three rollouts, written in one to three actions with results between them ---------

REWARDS = [[1.0, 0.1, 0.0], [0.6, 0.1, 0.1], [0.5, 0.5, 0.5]]
ACTIONS = [[[2, 3], [4], [1, 2, 1]], [[3], [5, 1], [2]], [[1, 1], [3, 2], [4]]]
RESULT = 2  # tokens of a result
MOST_TOKENS = 12


def padded():
    """[9, T] action number of each token, 0 where it is a result or padding."""
    rows = []
    for actions in [rollout for group in ACTIONS for rollout in group]:
        row = []
        for number, length in enumerate(actions):
            row += [number + 1] * length + ([0] * RESULT if number + 1 < len(actions) else [])
        rows.append(row)
    width = max(len(row) for row in rows)
    return torch.tensor([row + [0] * (width - len(row)) for row in rows])


def group_mean(rewards):
    return rewards - rewards.mean(dim=1, keepdim=True)


def by_std(rewards):
    return group_mean(rewards) / (rewards.std(dim=1, keepdim=True) + 1e-6)


def others(rewards):
    n = rewards.shape[1]
    return rewards - (rewards.sum(dim=1, keepdim=True) - rewards) / (n - 1)


def whiten(values, mask):
    """verl_F.masked_whiten of values [9] spread over their tokens."""
    spread = values.unsqueeze(1) * mask
    count = mask.sum()
    mean = (spread * mask).sum() / count
    var = (((spread - mean) ** 2) * mask).sum() / count * count / (count - 1)
    return (values - mean) * torch.rsqrt(var + 1e-8)


def trl_loss(trainer, name, tokens, options):
    """TRL's own `_compute_loss` on given logprobs; it only sees a model's answers through this stand-in."""
    mask = tokens["mask"]
    one = SimpleNamespace(gather=lambda x: x, reduce=lambda x, reduction: x, num_processes=1)
    self = SimpleNamespace(
        aux_loss_enabled=False,
        _get_per_token_logps_and_entropies=lambda *_, **__: (tokens["logprobs"], torch.zeros_like(mask), None),
        top_entropy_quantile=1.0,
        off_policy_mask_threshold=None,
        importance_sampling_level=options.get("level", "token"),
        beta=options["klWeight"],
        args=SimpleNamespace(use_bias_correction_kl=False, delta=None, steps_per_generation=1),
        loss_type=name,
        epsilon_low=options["clipLow"],
        # For CISPO this is the bound itself.
        epsilon_high=options["clipHigh"] + (1 if name == "cispo" else 0),
        use_vllm=False,
        vllm_importance_sampling_correction=False,
        model=SimpleNamespace(training=True),
        current_gradient_accumulation_steps=1,
        max_completion_length=MOST_TOKENS,
        accelerator=one,
        _entropy_bonus_enabled=False,
        _metrics=defaultdict(lambda: defaultdict(list)),
    )
    inputs = {
        "prompt_ids": torch.zeros(mask.shape[0], 1),
        "prompt_mask": torch.ones(mask.shape[0], 1),
        "completion_ids": torch.zeros_like(mask),
        "completion_mask": mask,
        "advantages": tokens["advantages"],
        "old_per_token_logps": tokens["old"],
        "old_logps": (tokens["old"] * mask).sum(1),
        "ref_per_token_logps": tokens["ref"],
        "num_items_in_batch": mask.sum(),
    }
    return trainer._compute_loss(self, None, inputs)


def ppo(tokens, low, high):
    ratio = torch.exp(tokens["logprobs"] - tokens["old"])
    advantages = tokens["advantages"].unsqueeze(1)
    return -torch.min(ratio * advantages, torch.clamp(ratio, low, high) * advantages)


def loop_loss(tokens):
    mask = tokens["mask"]
    return ((ppo(tokens, 1 / 1.1, 1.1) * mask).sum(1) / mask.sum(1)).mean()


def llds_loss(tokens, options):
    mask = tokens["mask"]
    count = mask.sum()
    loss = (ppo(tokens, 1 - options["clipLow"], 1 + options["clipHigh"]) * mask).sum() / count
    drop = tokens["old"] - tokens["logprobs"]
    kept = mask * (tokens["advantages"] >= 0).unsqueeze(1)
    gate = torch.zeros_like(mask)
    for number in range(1, int(tokens["actions"].max()) + 1):
        action = kept * (tokens["actions"] == number)
        fell = (drop * action).sum(1, keepdim=True) > 0
        gate += action * fell
    penalty = torch.maximum(torch.zeros_like(drop), drop) * gate.detach()
    return loss + options["lldsWeight"] * (penalty * mask).sum() / count


def variant(name, spread, options, advantages_of, loss_of, kept_of=None):
    actions = padded()
    mask = (actions > 0).double()
    logprobs = -torch.rand(actions.shape, dtype=torch.float64) * 3
    old = logprobs + spread * torch.randn(actions.shape, dtype=torch.float64)
    ref = logprobs + 0.4 * torch.randn(actions.shape, dtype=torch.float64)
    logprobs.requires_grad_(True)
    rewards = torch.tensor(REWARDS, dtype=torch.float64)
    advantages = advantages_of(rewards, mask).reshape(-1)
    kept = torch.ones(len(advantages), dtype=torch.bool) if kept_of is None else kept_of(rewards, advantages)
    tokens = {"logprobs": logprobs, "old": old, "ref": ref, "mask": mask, "actions": actions}
    tokens = {key: value[kept] for key, value in {**tokens, "advantages": advantages}.items()}
    loss = loss_of(tokens, options)
    loss.backward()

    def rollouts(values):
        return [row[own].tolist() for row, own in zip(values, mask.bool())]

    return {
        "variant": name,
        "options": {key: value for key, value in options.items() if key != "level"},
        "maxTokens": MOST_TOKENS,
        "rewards": REWARDS,
        "actions": rollouts(actions),
        "logprobs": rollouts(logprobs.detach()),
        "oldLogprobs": rollouts(old),
        "refLogprobs": rollouts(ref),
        "advantages": advantages.tolist(),
        "kept": kept.tolist(),
        "loss": loss.item(),
        "dLogprob": rollouts(logprobs.grad),
    }


def make_variants():
    from trl import GRPOTrainer, RLOOTrainer

    def grpo(loss_type):
        return lambda tokens, options: trl_loss(GRPOTrainer, loss_type, tokens, options)

    def options(low, high, std, kl=0.0, llds=0.0, level="token"):
        own = {"clipLow": low, "clipHigh": high, "divideByStd": std, "klWeight": kl, "lldsWeight": llds}
        return {**own, "level": level}

    def plain(of):
        return lambda rewards, _mask: of(rewards)

    has_spread = lambda rewards, _: (rewards.std(dim=1) > 0).repeat_interleave(3)
    gspo = options(3e-4, 4e-4, True, level="sequence")
    whitened = lambda rewards, mask: whiten(rewards.reshape(-1), mask)
    baseline = lambda rewards, mask: whiten(group_mean(rewards).reshape(-1), mask)
    return [
        variant("grpo", 0.3, options(0.2, 0.28, True), plain(by_std), grpo("bnpo")),
        variant("grpo", 0.3, options(0.2, 0.2, True, kl=0.05), plain(by_std), grpo("bnpo")),
        variant("dr-grpo", 0.3, options(0.2, 0.28, False), plain(group_mean), grpo("dr_grpo")),
        variant("dapo", 0.3, options(0.2, 0.28, True), plain(by_std), grpo("dapo"), has_spread),
        variant("gspo", 3e-4, gspo, plain(by_std), grpo("grpo")),
        variant("gspo", 0.3, gspo, plain(by_std), grpo("grpo")),
        variant("cispo", 0.9, options(1, 4, True), plain(by_std), grpo("cispo")),
        variant("rloo", 0.1, options(0.2, 0.2, False), plain(others), lambda t, o: trl_loss(RLOOTrainer, "", t, o)),
        variant("reinforce-pp", 0.3, options(0.2, 0.2, False), whitened, grpo("bnpo")),
        variant("reinforce-pp-baseline", 0.3, options(0.2, 0.2, False), baseline, grpo("bnpo")),
        variant(
            "loop",
            0.15,
            options(1 - 1 / 1.1, 0.1, False),
            plain(others),
            lambda t, _: loop_loss(t),
            lambda _, advantages: advantages.abs() >= 0.01,
        ),
        variant("llds", 0.3, options(0.2, 0.28, True, llds=0.2), plain(by_std), llds_loss),
    ]


path = path.with_name("variants.json")
path.write_text(json.dumps(make_variants()) + "\n")
print(f"wrote {path}")
