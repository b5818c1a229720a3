/**
 * SmolLM2-Instruct on our engine against transformers, from one GGUF file.
 *
 *   npm run -s e2e:smollm -- --gguf FILE [--python PYTHON] [--reference FOLDER] [--weights int4|int8|f16|f32]
 *     [--threads N]      tokens, logits and greedy texts; ends with 1 where one is off
 *   npm run -s e2e:smollm -- --gguf FILE --speed [--threads N]      decoding with int4 against f32 weights
 *
 * With --python the reference is made by reference.py, which goes on where it stopped, in FOLDER (default: `reference`
 * beside the file); without, what is there is compared.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkAgainst } from './agreement.ts';
import { openBackend, openFile } from './model.ts';
import { decodeSpeed } from './speed.ts';
import { keptAs, weightKinds } from '../../src/engine/frozenWeights.ts';

const { values } = parseArgs({
  options: {
    gguf: { type: 'string' },
    python: { type: 'string' },
    reference: { type: 'string' },
    weights: { type: 'string', default: 'int4' },
    threads: { type: 'string', default: '2' },
    speed: { type: 'boolean', default: false },
  },
});
if (values.gguf === undefined) throw new Error('--gguf FILE: name the model');
const kind = weightKinds.find((one) => one === values.weights);
if (kind === undefined) throw new Error(`--weights ${values.weights}: choose ${weightKinds.join(', ')}`);

const model = await openFile(values.gguf);
const backend = await openBackend(Number(values.threads));
const tableSpec = { name: 'model.embed_tokens.weight', shape: [1, 1], decay: true, init: { constant: 0 } };
console.log(`${model.file}, ${backend.label}; layers ${kind}, table ${keptAs(tableSpec, kind)}`);
let fine = true;
if (values.speed) await decodeSpeed(backend, model);
else {
  const folder = values.reference ?? join(dirname(values.gguf), 'reference');
  const script = fileURLToPath(new URL('./reference.py', import.meta.url));
  if (values.python !== undefined) {
    const made = spawnSync(values.python, [script, '--gguf', values.gguf, '--out', folder], {
      stdio: 'inherit',
    });
    if (made.status !== 0)
      throw new Error('the reference could not be made: that Python needs transformers and gguf');
  }
  fine = await checkAgainst(backend, model, kind, folder);
}
backend.dispose();
process.exit(fine ? 0 : 1);
