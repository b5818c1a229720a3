"""Makes the folders of tests/golden/data/embedders with transformers and PyTorch: python3 tests/golden/makeEmbedders.py

Needs torch, transformers, tokenizers, onnx, onnxscript and onnxruntime. Tiny randomly initialised BERT encoders in the
layouts of published embedding models: e5-small-v2 (mean of the tokens, "query: " and "passage: ", which no file says),
bge-small-en-v1.5 (first token, an instruction before queries, which no file says) and one whose prompts
config_sentence_transformers.json says. Each with its ONNX export, the first also quantised to 8 bits, and with the
vectors: PyTorch's in float64 of the saved weights, onnxruntime's of the quantised file.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import BertWordPieceTokenizer
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel

HERE = Path(__file__).parent / "data" / "embedders"
POSITIONS = 48
BGE = "Represent this sentence for searching relevant passages: "
CASES = {
    "e5": dict(pooling="mean", query="query: ", passage="passage: ", quantised=True),
    "bge": dict(pooling="cls", query=BGE, passage=""),
    "prompts": dict(pooling="mean", query="search_query: ", passage="search_document: ", said=True),
}
TEXTS = [
    "who wrote the book Cholwis",
    "Cholwis is a novel by Pensha Dur, born in Lissen.",
    "",
    "a",
    "Łódź, façade and naïve: accents, 2.5 % and (brackets)!",
    "東京 is the capital of Japan",
    "The river Ombry flows through Lissen, Orvane and seven other towns before it reaches the sea. " * 4,
]


class Tokens(torch.nn.Module):
    def __init__(self, bert):
        super().__init__()
        self.bert = bert

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.bert(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state


def tokenizer():
    trained = BertWordPieceTokenizer(lowercase=True)
    trained.train_from_iterator(
        [*TEXTS, BGE, "query: passage: search_query: search_document: "], vocab_size=220, min_frequency=1, show_progress=False
    )
    trained.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(token, trained.token_to_id(token)) for token in ["[CLS]", "[SEP]"]]
    )
    return json.loads(trained.to_str()), trained


def ids_of(trained, text):
    ids = trained.encode(text).ids
    return ids if len(ids) <= POSITIONS else [*ids[: POSITIONS - 1], ids[-1]]


def pooled(tokens, pooling):
    vector = tokens.mean(0) if pooling == "mean" else tokens[0]
    return (vector / np.linalg.norm(vector)).tolist()


def make(name, case, seed):
    folder = HERE / name
    (folder / "onnx").mkdir(parents=True)
    (folder / "1_Pooling").mkdir()
    tokenizer_json, trained = tokenizer()
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=trained.get_vocab_size(), hidden_size=24, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=48, max_position_embeddings=POSITIONS, initializer_range=0.3, attn_implementation="eager",
        architectures=["BertModel"],
    )
    bert = BertModel(config, add_pooling_layer=False).eval()
    example = torch.zeros(2, 5, dtype=torch.long)
    inputs = ["input_ids", "attention_mask", "token_type_ids"]
    sizes = {0: "batch", 1: "sequence"}
    torch.onnx.export(
        Tokens(bert).eval(), (example, example + 1, example), folder / "onnx" / "model.onnx", dynamo=False,
        opset_version=17, input_names=inputs, output_names=["last_hidden_state"],
        dynamic_axes={key: sizes for key in [*inputs, "last_hidden_state"]},
    )
    write = lambda path, value: (folder / path).write_text(json.dumps(value, ensure_ascii=False) + "\n")
    write("tokenizer.json", tokenizer_json)
    write("config.json", {**config.to_diff_dict(), "model_type": "bert"})
    write("tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "model_max_length": POSITIONS, "do_lower_case": True})
    write("sentence_bert_config.json", {"max_seq_length": POSITIONS, "do_lower_case": False})
    module = lambda idx, path, kind: {"idx": idx, "name": str(idx), "path": path, "type": f"sentence_transformers.models.{kind}"}
    write("modules.json", [module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling"), module(2, "2_Normalize", "Normalize")])
    flags = {"mean": "mean_tokens", "cls": "cls_token"}
    write("1_Pooling/config.json", {
        "word_embedding_dimension": 24,
        **{f"pooling_mode_{flag}": flag == flags[case["pooling"]] for flag in ["cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens"]},
    })
    prompts = {"prompts": {"query": case["query"], "document": case["passage"]}} if case.get("said") else {}
    write("config_sentence_transformers.json", {"__version__": {"sentence_transformers": "2.2.2"}, **prompts})

    bert = bert.double()
    runs = {"full": lambda ids: bert(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long)).last_hidden_state[0].numpy()}
    if case.get("quantised"):
        path = folder / "onnx" / "model_quantized.onnx"
        quantize_dynamic(folder / "onnx" / "model.onnx", path, weight_type=QuantType.QUInt8)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        row = lambda ids, value: np.array([[value if value is not None else i for i in ids]], dtype=np.int64)
        runs["quantised"] = lambda ids: session.run(None, {"input_ids": row(ids, None), "attention_mask": row(ids, 1), "token_type_ids": row(ids, 0)})[0][0]
    with torch.no_grad():
        vectors = {
            precision: {kind: [pooled(run(ids_of(trained, case[kind] + text)), case["pooling"]) for text in TEXTS] for kind in ["query", "passage"]}
            for precision, run in runs.items()
        }
    write("expected.json", {"texts": TEXTS, "vectors": vectors})


shutil.rmtree(HERE, ignore_errors=True)
for seed, (name, case) in enumerate(CASES.items()):
    make(name, case, seed)
