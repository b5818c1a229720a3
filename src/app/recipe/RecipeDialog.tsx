import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { Button } from '../components/Button.tsx';
import dialog from '../components/Dialog.module.css';
import { focusReturn } from '../components/focusReturn.ts';
import { saveFile } from '../components/saveFile.ts';
import { Segmented } from '../components/Segmented.tsx';
import { isPresetName, presets, presetWith } from '../../lab/presets.ts';
import type { BackendChoice } from '../store/link.ts';
import {
  readRecipe,
  recipeChanges,
  recipeFields,
  withFields,
  type FieldValue,
} from '../store/recipeFields.ts';
import { takesEffect } from '../../lab/turning.ts';
import { isBusy } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { MemoryNote } from './MemoryNote.tsx';
import { DialField } from './DialField.tsx';
import { dialGroups } from './dials.ts';
import styles from './RecipeDialog.module.css';

const presetOptions = Object.keys(presets)
  .filter(isPresetName)
  .map((name) => ({ value: name, label: name }));
const backendOptions: readonly { readonly value: BackendChoice; readonly label: string }[] = [
  { value: 'auto', label: 'automatic' },
  { value: 'webgpu', label: 'WebGPU' },
  { value: 'wasm', label: 'WebAssembly' },
];

/** The recipe: one experiment as data, its dials in the page, all of it in the link and the file. */
export default function RecipeDialog() {
  const { dialog: open, setView, preset, recipe, backend, takePreset, takeRecipe, takeBackend } = useApp();
  const [problem, setProblem] = useState<string>();
  // Fields remount with another recipe, so that no half-typed text outlives what it was typed into.
  const [generation, setGeneration] = useState(0);
  const live = useApp((state) => isBusy(state) || state.lab.run === 'done');
  const values = recipeFields(recipe);
  const usual: Readonly<Record<string, FieldValue>> = {
    ...recipeFields(presetWith(preset, recipe.grpo.variant)),
    'grpo.variant': presets[preset].grpo.variant,
  };
  const changes = Object.entries(recipeChanges(presets[preset], recipe));

  const turn = (field: string, value: FieldValue): string | undefined => {
    const result = withFields(recipe, { [field]: value }, 'Recipe', preset);
    // The dial stands beside its message; the field's name is for files and links.
    if (!result.ok) return result.message.replace(`Recipe: ${field}: `, '');
    takeRecipe(result.recipe);
    // A variant brings values of its own into other fields.
    if (field === 'grpo.variant') setGeneration(generation + 1);
    return undefined;
  };
  const loadFile = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    let value: unknown;
    try {
      value = JSON.parse(await file.text());
    } catch {
      setProblem(`${file.name} is not JSON. Nothing was changed.`);
      return;
    }
    const result = readRecipe(value, file.name, preset);
    setProblem(result.ok ? undefined : `${result.message} Nothing was changed.`);
    if (!result.ok) return;
    takeRecipe(result.recipe);
    setGeneration(generation + 1);
  };

  return (
    <Dialog.Root
      open={open === 'recipe'}
      onOpenChange={(now) => setView({ dialog: now ? 'recipe' : 'none' })}
    >
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content {...focusReturn} className={`${dialog.content} ${dialog.side}`}>
          <Dialog.Title className={dialog.title}>Recipe</Dialog.Title>
          <Dialog.Description className={styles.about}>
            A whole experiment as data. The link to this page carries it; saved to a file, it runs in the
            terminal with the same result.
          </Dialog.Description>
          <div className={styles.row}>
            <span>Preset</span>
            <Segmented
              label="Preset"
              value={preset}
              options={presetOptions}
              onChange={(name) => {
                takePreset(name);
                setGeneration(generation + 1);
              }}
            />
          </div>
          <div className={styles.row}>
            <span>Runs on</span>
            <Segmented label="Backend" value={backend} options={backendOptions} onChange={takeBackend} />
          </div>
          {dialGroups.map((group) => (
            <fieldset key={group.title} className={styles.group}>
              <legend>{group.title}</legend>
              {group.dials.map((dial) => (
                <DialField
                  key={dial.kind === 'choice' ? dial.field : `${dial.field} ${preset} ${generation}`}
                  dial={dial}
                  value={values[dial.field]}
                  usual={usual[dial.field]}
                  takes={live ? takesEffect(dial.field) : undefined}
                  onTurn={(value) => turn(dial.field, value)}
                />
              ))}
              {group.memory === true && <MemoryNote />}
            </fieldset>
          ))}
          <p className={styles.changes} aria-live="polite">
            {changes.length === 0
              ? `As the preset “${preset}” has it.`
              : `Differs from “${preset}”: ${changes.map(([field, value]) => `${field} ${String(value)}`).join(', ')}.`}
          </p>
          {problem !== undefined && (
            <p className={styles.problem} role="alert">
              {problem}
            </p>
          )}
          <div className={dialog.foot}>
            <label className={styles.file}>
              Load from a file{' '}
              <input
                type="file"
                accept=".json,application/json"
                onChange={(event) => {
                  void loadFile(event.target.files?.[0]);
                  event.target.value = '';
                }}
              />
            </label>
            <Button
              onClick={() =>
                saveFile('recipe.json', `${JSON.stringify(recipe, null, 2)}\n`, 'application/json')
              }
            >
              Save to a file
            </Button>
            <Dialog.Close asChild>
              <Button look="primary">Done</Button>
            </Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
