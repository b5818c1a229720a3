"""What transformers makes of a SmolLM2-Instruct GGUF file: python3 scripts/smollm/reference.py --gguf FILE --out DIR

Writes DIR/strings.json (texts with ids by Hugging Face's Rust tokenizers), and for each prompt DIR/prompt-N.json
(question, ids of the chat prompt, 64 greedy tokens) with DIR/prompt-N.f32 (logits of every place of both, row by row).
The weights are those of the file, dequantised by the gguf package and computed with in float32.
"""

import argparse
import json
import random
from pathlib import Path

import gguf
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM
from transformers.utils.chat_template_utils import render_jinja_template

QUESTIONS = [
    "What is the capital of France?",
    "Write a haiku about the sea.",
    "Who wrote Pride and Prejudice, and when was it published?",
    "Explain photosynthesis to a ten-year-old.",
    "List three prime numbers larger than 50.",
    "Translate 'good morning' into Spanish, French and German.",
    "What is 17 times 23?",
    "Name the planets of the solar system in order.",
    "Give me a recipe for pancakes.",
    "def fibonacci(n): complete this Python function.",
    "Which river flows through Vienna?",
    "Summarise the plot of Romeo and Juliet in two sentences.",
    "Why is the sky blue?",
    "What is the difference between a virus and a bacterium?",
    "Who was the first person to walk on the Moon?",
    "Write a polite e-mail asking for a day off.",
    "How many days are there in a leap year?",
    "What does HTTP stand for?",
    "Describe the colour red without naming any object.",
    "Continue: 1, 1, 2, 3, 5, 8,",
]
STRINGS = 1000
GREEDY = 64


def entries(path):
    reader = gguf.GGUFReader(path)
    return lambda key: reader.fields[key].contents()


def rust_tokenizer(entry):
    tokens, types = entry("tokenizer.ggml.tokens"), entry("tokenizer.ggml.token_type")
    merges = [tuple(m.split(" ")) for m in entry("tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, merges))
    # What smollm stands for in llama.cpp, and what SmolLM2's own tokenizer.json says.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t, k in zip(tokens, types) if k == 3])
    return tokenizer


def varied_strings():
    rng = random.Random(5)
    words = "the a of and river Ünïcode naïve 東京 北京大学 привет мир שלום مرحبا 😀 👩‍👩‍👧 x1 don't I'll WE'RE e.g. 3.14 1984 0x7f http://a.b/c?d=e <|im_end|> <search> </think> \\boxed{42} def return == != foo_bar camelCase".split(" ")
    gaps = [" ", " ", " ", "  ", "\n", "\n\n", "\t", "", ", ", ". ", " - ", "\u00a0", "\u3000", " \n "]
    out = ["", " ", "\n", "a", "<|im_start|>", "\u0000", "e\u0301"]
    while len(out) < STRINGS:
        text = ""
        for _ in range(rng.randint(1, 24)):
            kind = rng.random()
            if kind < 0.7:
                text += rng.choice(words)
            elif kind < 0.85:
                text += str(rng.randint(0, 10 ** rng.randint(1, 9)))
            else:
                text += "".join(chr(rng.choice([rng.randint(32, 126), rng.randint(0xA1, 0x24F), rng.randint(0x400, 0x4FF), rng.randint(0x4E00, 0x4FFF)])) for _ in range(rng.randint(1, 6)))
            text += rng.choice(gaps)
        out.append(text)
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gguf", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    entry = entries(args.gguf)
    tokenizer = rust_tokenizer(entry)
    strings = [dict(text=text, ids=tokenizer.encode(text, add_special_tokens=False).ids) for text in varied_strings()]
    (args.out / "strings.json").write_text(json.dumps(strings))

    model = AutoModelForCausalLM.from_pretrained(
        args.gguf.parent, gguf_file=args.gguf.name, dtype=torch.float32, attn_implementation="eager").eval()
    template = entry("tokenizer.chat_template")
    for n, question in enumerate(QUESTIONS):
        done = args.out / f"prompt-{n}.json"
        if done.exists():
            continue
        chats, _ = render_jinja_template(
            conversations=[[dict(role="user", content=question)]], chat_template=template, add_generation_prompt=True)
        ids = tokenizer.encode(chats[0], add_special_tokens=False).ids
        with torch.no_grad():
            out = model(torch.tensor([ids]), use_cache=True)
            rows, greedy = [out.logits[0]], []
            while True:
                greedy.append(int(rows[-1][-1].argmax()))
                if len(greedy) == GREEDY:
                    break
                out = model(torch.tensor([greedy[-1:]]), past_key_values=out.past_key_values, use_cache=True)
                rows.append(out.logits[0])
        (args.out / f"prompt-{n}.f32").write_bytes(torch.cat(rows).numpy().astype("<f4").tobytes())
        done.write_text(json.dumps(dict(question=question, ids=ids, greedy=greedy)))
        print(f"prompt {n + 1} of {len(QUESTIONS)}", flush=True)


if __name__ == "__main__":
    main()
