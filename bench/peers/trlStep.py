"""
TRL's GRPOTrainer on the CPU, a step at a time: trlStep.py FOLDER THREADS SETTINGS_JSON (lines.py has the protocol).

SETTINGS: prompts (texts), groupSize, tokens, microBatch (rows of one forward pass), learningRate, clipLow, clipHigh.
"""

import json
import os
import sys
import tempfile

from lines import import_or_say_absent, matmul_gflops, reply, requests


def load():
    import datasets
    import torch
    import transformers
    import trl

    return datasets, torch, transformers, trl


datasets, torch, transformers, trl = import_or_say_absent(load)
folder, threads, settings = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
torch.set_num_threads(threads)
transformers.logging.set_verbosity_error()
tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
incoming = requests()
seen = {}


def variety(completions, **_):
    """Share of different words: the same as bench/suites/grpoStep.ts pays."""
    words = [text.split() for text in completions]
    rewards = [len(set(some)) / len(some) if some else 0.0 for some in words]
    seen["reward"] = sum(rewards) / len(rewards)
    return rewards


class OnRequest(transformers.TrainerCallback):
    """Ends a step by a reply, and begins the next when it is asked for."""

    def wait(self):
        for request in incoming:
            if request["op"] == "step":
                return
            reply(answer(request))
        os._exit(0)

    def on_train_begin(self, *_, **__):
        reply({"label": f"TRL {trl.__version__}, transformers {transformers.__version__}, torch {torch.__version__}, {threads} threads"})
        self.wait()

    def on_step_end(self, *_, **__):
        lengths = trainer._metrics["train"]["completions/mean_length"]
        reply({"reward": seen["reward"], "tokens": lengths[-1]})
        self.wait()


def answer(request):
    if request["op"] == "matmul":
        return {"gflops": matmul_gflops()}
    if request["op"] == "encode":
        return {"ids": tokenizer(request["text"], add_special_tokens=False)["input_ids"]}
    texts = tokenizer.batch_decode(request["completions"], skip_special_tokens=True)
    return {"rewards": variety(texts)}


rows = len(settings["prompts"]) * settings["groupSize"]
trainer = trl.GRPOTrainer(
    model=transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
    processing_class=tokenizer,
    reward_funcs=variety,
    train_dataset=datasets.Dataset.from_dict({"prompt": settings["prompts"]}),
    callbacks=[OnRequest()],
    args=trl.GRPOConfig(
        output_dir=tempfile.mkdtemp(),
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        per_device_train_batch_size=settings["microBatch"],
        gradient_accumulation_steps=rows // settings["microBatch"],
        num_generations=settings["groupSize"],
        max_completion_length=settings["tokens"],
        # Ours does not stop at the end token either: every completion has the same length.
        generation_kwargs={"min_new_tokens": settings["tokens"]},
        temperature=1.0,
        top_k=0,
        top_p=1.0,
        beta=0.0,
        loss_type="dapo",
        epsilon=settings["clipLow"],
        epsilon_high=settings["clipHigh"],
        learning_rate=settings["learningRate"],
        lr_scheduler_type="constant",
        weight_decay=0.0,
        max_grad_norm=1.0,
        max_steps=1_000_000,
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
    ),
)
trainer.train()
