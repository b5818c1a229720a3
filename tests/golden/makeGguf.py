"""Makes tests/golden/data/gguf with the gguf package: python3 tests/golden/makeGguf.py

blocks.gguf holds one matrix of every number type that is read, blocks.safetensors what gguf's own dequantize makes of
them. llama.gguf is the model of data/hf/llama-f32 laid out as llama.cpp's converter does: rotary pairs side by side,
Llama 3's factors as a tensor. Its logits are those of the folder.
"""

import math
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Q
from safetensors.numpy import load_file, save_file

DATA = Path(__file__).parent / "data"
OUT = DATA / "gguf"
ROWS, COLS = 3, 512
QUANTISED = [Q.Q4_0, Q.Q4_1, Q.Q8_0]
BY_HAND = [Q.Q4_K, Q.Q6_K]


def random_blocks(kind, rng):
    """Blocks of random bytes with finite scales: the package reads these types and does not write them."""
    _, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (ROWS * COLS // 256, size), dtype=np.uint8)
    halves = lambda n: rng.normal(0, 0.02, (len(blocks), n)).astype("<f2").view(np.uint8)
    if kind == Q.Q4_K:
        blocks[:, :4] = halves(2)
    else:
        blocks[:, 208:] = halves(1)
    return blocks.reshape(ROWS, -1)


def make_blocks():
    rng = np.random.default_rng(7)
    writer = gguf.GGUFWriter(OUT / "blocks.gguf", "llama")
    expected = {}
    for kind in [Q.F32, Q.F16, Q.BF16, *QUANTISED, *BY_HAND]:
        values = rng.normal(0, 0.3, (ROWS, COLS)).astype(np.float32)
        data = random_blocks(kind, rng) if kind in BY_HAND else gguf.quants.quantize(values, kind)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
        expected[kind.name] = gguf.quants.dequantize(data, kind).reshape(ROWS, COLS).astype(np.float32)
    write(writer)
    save_file(expected, OUT / "blocks.safetensors")


def permute(w, heads):
    """As convert_hf_to_gguf.py: from halves of a head to pairs side by side."""
    return w.reshape(heads, 2, w.shape[0] // heads // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


def make_llama():
    import json

    folder = DATA / "hf" / "llama-f32"
    c = json.loads((folder / "config.json").read_text())
    rope = c["rope_parameters"]
    writer = gguf.GGUFWriter(OUT / "llama.gguf", "llama")
    writer.add_name("llama")
    writer.add_vocab_size(c["vocab_size"])
    writer.add_context_length(c["max_position_embeddings"])
    writer.add_embedding_length(c["hidden_size"])
    writer.add_feed_forward_length(c["intermediate_size"])
    writer.add_block_count(c["num_hidden_layers"])
    writer.add_head_count(c["num_attention_heads"])
    writer.add_head_count_kv(c["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(c["rms_norm_eps"])
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_rope_dimension_count(c["head_dim"])
    writer.add_key_length(c["head_dim"])
    writer.add_value_length(c["head_dim"])
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, c["num_hidden_layers"])
    for name, w in load_file(folder / "model.safetensors").items():
        if name.endswith("q_proj.weight"):
            w = permute(w, c["num_attention_heads"])
        if name.endswith("k_proj.weight"):
            w = permute(w, c["num_key_value_heads"])
        writer.add_tensor(names.get_name(name, (".weight",)), w)
    low = rope["original_max_position_embeddings"] / rope["low_freq_factor"]
    high = rope["original_max_position_embeddings"] / rope["high_freq_factor"]
    factors = []
    for i in range(0, c["head_dim"], 2):
        wavelength = 2 * math.pi * rope["rope_theta"] ** (i / c["head_dim"])
        if wavelength < high:
            factors.append(1.0)
        elif wavelength > low:
            factors.append(rope["factor"])
        else:
            smooth = (rope["original_max_position_embeddings"] / wavelength - rope["low_freq_factor"]) / (
                rope["high_freq_factor"] - rope["low_freq_factor"])
            factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    writer.add_tensor("rope_freqs.weight", np.array(factors, dtype=np.float32))
    write(writer)


def write(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    make_blocks()
    make_llama()
