"""Merges the adapters of tests/golden/data/hf with PEFT: python3 tests/golden/makeMerged.py

merged.safetensors beside each model of makeHf.py holds the matrices that its adapter touches after `merge_and_unload`
of the model as it was saved, in the numbers that it was saved in.
"""

from pathlib import Path

from peft import PeftModel
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

HERE = Path(__file__).parent / "data" / "hf"

if __name__ == "__main__":
    for folder in sorted(HERE.iterdir()):
        base = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
        model = PeftModel.from_pretrained(base, folder / "adapter")
        touched = {key.removeprefix("base_model.model.").split(".lora_A")[0] + ".weight"
                   for key in model.state_dict() if ".lora_A" in key}
        merged = model.merge_and_unload().state_dict()
        save_file({key: merged[key].contiguous() for key in sorted(touched)}, folder / "merged.safetensors")
