"""Checks what `cli -- export` wrote of a model and an adapter against PEFT and transformers.

python3 scripts/smollm/exported.py --original FILE --base FOLDER --adapter ADAPTER --merged FOLDER [--gguf FILE …]

ORIGINAL is the published GGUF file, BASE the folder that `export` writes of it without an adapter, in f32; MERGED the
same with it. Prints how far MERGED's weights are from those of PEFT's `merge_and_unload` at most; of MERGED and of each
GGUF file, as transformers reads it, the largest difference of logits from PEFT's and the share of places with the same
first token; and whether MERGED gives the ids of BASE, and a GGUF file states ORIGINAL's tokenizer. Ends with 1 unless
weights agree within 1e-6 of the largest, first tokens at 99 % of places, and tokenizers.
"""

import argparse
import sys
from pathlib import Path

import torch
from gguf import GGUFReader
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXTS = [
    "The capital of France is Paris, and 1984 is a novel by George Orwell.",
    "<|im_start|>user\nWho wrote it?<|im_end|>\n<|im_start|>assistant\n",
    "def f(x):\n    return x ** 2  # naïve, 北京, ½\n",
]


def logits(model, batches):
    with torch.no_grad():
        return torch.cat([model(ids).logits[0] for ids in batches])


def tokenizer_of(file):
    """What a GGUF file states of its tokenizer. (transformers reads it, but cuts digits otherwise than `pre` says.)"""
    fields = GGUFReader(file).fields
    keys = ["pre", "tokens", "token_type", "merges", "eos_token_id", "bos_token_id"]
    named = {key: fields[f"tokenizer.ggml.{key}"].contents() for key in keys}
    return named | {"template": fields["tokenizer.chat_template"].contents()}


def main():
    arguments = argparse.ArgumentParser()
    for name in ["original", "base", "adapter", "merged"]:
        arguments.add_argument(f"--{name}", type=Path, required=True)
    arguments.add_argument("--gguf", type=Path, nargs="*", default=[])
    args = arguments.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(args.base)
    ids = [tokenizer(text, return_tensors="pt").input_ids for text in TEXTS]
    base = AutoModelForCausalLM.from_pretrained(args.base, dtype=torch.float32)
    peft = PeftModel.from_pretrained(base, args.adapter).merge_and_unload()
    wanted = logits(peft, ids)
    bad = False

    ours = AutoModelForCausalLM.from_pretrained(args.merged, dtype=torch.float32)
    theirs = peft.state_dict()
    largest = max(float(w.abs().max()) for w in theirs.values())
    off = max(float((w - theirs[name]).abs().max()) for name, w in ours.state_dict().items())
    print(f"weights: at most {off:.2e} off, the largest is {largest:.2f}")
    bad |= off > 1e-6 * largest

    def compare(name, model, same_tokenizer):
        found = logits(model, ids)
        same = float((found.argmax(-1) == wanted.argmax(-1)).float().mean())
        print(f"{name}: logits at most {float((found - wanted).abs().max()):.2e} off, first tokens equal at "
              f"{100 * same:.1f} % of {len(wanted)} places, tokenizer {'the same' if same_tokenizer else 'another'}")
        return same < 0.99 or not same_tokenizer

    again = AutoTokenizer.from_pretrained(args.merged)
    bad |= compare(args.merged.name, ours, all(
        torch.equal(again(text, return_tensors="pt").input_ids, want) for text, want in zip(TEXTS, ids)))
    for file in args.gguf:
        model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
        bad |= compare(file.name, model, tokenizer_of(file) == tokenizer_of(args.original))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
