"""transformers' `generate` on the CPU: transformersGenerate.py FOLDER THREADS (lines.py has the protocol)."""

import sys

from lines import import_or_say_absent, matmul_gflops, reply, requests


def load():
    import torch
    import transformers

    return torch, transformers


torch, transformers = import_or_say_absent(load)
folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
transformers.logging.set_verbosity_error()
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
# Every row goes on to the last token, as ours do: none ends early.
model.generation_config.eos_token_id = None
model.generation_config.pad_token_id = 0


@torch.inference_mode()
def generate(ids, rows, tokens, **sampling):
    prompt = torch.tensor([ids] * rows)
    mask = torch.ones_like(prompt)
    out = model.generate(prompt, attention_mask=mask, max_new_tokens=tokens, **sampling)
    return out[:, len(ids) :].tolist()


def answer(request):
    if request["op"] == "matmul":
        return {"gflops": matmul_gflops()}
    if request["op"] == "encode":
        return {"ids": tokenizer(request["text"], add_special_tokens=False)["input_ids"]}
    ids, rows, tokens = request["ids"], request["rows"], request["tokens"]
    if request["op"] == "greedy":
        return {"rows": generate(ids, rows, tokens, do_sample=False)}
    return {"rows": generate(ids, rows, tokens, do_sample=True, temperature=1.0, top_k=0, top_p=1.0)}


reply({"label": f"transformers {transformers.__version__}, torch {torch.__version__}, {threads} threads"})
for one in requests():
    reply(answer(one))
