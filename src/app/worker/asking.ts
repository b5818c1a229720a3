import type { CorpusChoice, EmbedderChoice, PolicyChoice } from '../../lab/protocol.ts';
import type { Question } from '../../world/types.ts';
import type { AppState } from '../store/appState.ts';
import { isBusy } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { ensureLoaded, nextRequestId, sendToLab } from './labClient.ts';

/** Play's conversation with the worker: the corpus to search in, and one question to two policies. */

const state = (): AppState => useApp.getState();

function corpusChoice(): CorpusChoice | undefined {
  const { corpus, own, kept, recipe } = state();
  if (corpus === 'countries') return { kind: 'countries' };
  if (corpus === 'generated') return { kind: 'generated', worldSeed: recipe.worldSeed };
  if (corpus === 'kept') return kept === undefined ? undefined : { kind: 'kept', ...kept };
  if (own === undefined) return undefined;
  return { kind: 'own', name: own.name, passages: own.passages, questions: own.questions };
}

/** Resolves true once `ready` holds, false once `failed` does. */
export function waitFor(
  ready: (state: AppState) => boolean,
  failed: (state: AppState) => boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    const check = (now: AppState): boolean => {
      const done = ready(now) || failed(now);
      if (done) resolve(ready(now));
      return done;
    };
    if (check(state())) return;
    const unsubscribe = useApp.subscribe((now) => {
      if (check(now)) unsubscribe();
    });
  });
}

/** A request has been refused, or nothing can be answered any more. */
export const hasError = (now: AppState, id: number): boolean =>
  now.lab.run === 'failed' || now.lab.notices.some((notice) => notice.id === id);

let underWay: { readonly id: number; readonly came: Promise<boolean> } | undefined;

/** The chosen corpus, indexed by the worker; loads the engine first where needed. False when it could not be had. */
export function ensureCorpus(): Promise<boolean> {
  const { corpusId, lab } = state();
  if (corpusId !== undefined && lab.corpus?.id === corpusId && lab.pending === undefined)
    return Promise.resolve(true);
  if (underWay !== undefined && underWay.id === corpusId) return underWay.came;
  const choice = corpusChoice();
  if (choice === undefined) return Promise.resolve(false);
  const id = nextRequestId();
  state().setPlay({ corpusId: id });
  const came = requestCorpus(id, choice);
  underWay = { id, came };
  return came;
}

async function requestCorpus(id: number, choice: CorpusChoice): Promise<boolean> {
  const wanted = (now: AppState): boolean => now.corpusId === id;
  let came = false;
  if ((await ensureLoaded()) && wanted(state())) {
    sendToLab({ type: 'corpus', id, corpus: choice });
    came = await waitFor(
      (now) => now.lab.corpus?.id === id,
      (now) => !wanted(now) || hasError(now, id),
    );
  }
  if (underWay?.id === id) underWay = undefined;
  if (!came && wanted(state())) state().setPlay({ corpusId: undefined });
  return came;
}

/** Another embedding model for all passages; resolves when it is in use or has been refused (a notice says why). */
export async function chooseEmbedder(embedder: EmbedderChoice | 'shipped'): Promise<void> {
  if (!(await ensureLoaded())) return;
  const id = nextRequestId();
  const before = state().lab.embedder;
  sendToLab({ type: 'embedder', id, embedder });
  await waitFor(
    (now) => now.lab.embedder !== before,
    (now) => hasError(now, id),
  );
}

/** Turns to another corpus; what was asked of the last one leaves the screen. */
export function chooseCorpus(
  change: Pick<AppState, 'corpus'> & Partial<Pick<AppState, 'own' | 'kept'>>,
): void {
  const { own, offerUndo } = state();
  state().setPlay({ ...change, corpusId: undefined, asked: undefined, picked: undefined, questionText: '' });
  if (own !== undefined && change.own !== undefined) {
    const label = `“${own.name}” was replaced by “${change.own.name}”.`;
    offerUndo({ label, perform: () => chooseCorpus({ corpus: 'own', own }) });
  }
  const { own: ownNow, kept } = state();
  const isThere = change.corpus === 'own' ? ownNow : change.corpus === 'kept' ? kept : change;
  if (isThere !== undefined) void ensureCorpus().then((came) => came && pickAnother());
}

/** The run in this tab while the worker holds it and it has learned anything, else the shipped trained policy. */
export function otherPolicy({ lab }: Pick<AppState, 'lab'>): PolicyChoice {
  // A stopped run leaves its curves on the screen, but its weights are gone.
  const held = isBusy({ lab }) || lab.run === 'done';
  // A saved adapter has learned something before the first update.
  if (lab.info?.adapter?.begun !== undefined) return 'current';
  return held && lab.steps.length > 0 ? 'current' : 'trained';
}

function typedQuestion(text: string, corpus: AppState['corpus']): Question {
  return { id: 'typed', set: corpus === 'countries' ? 'countries' : 'musique', text, golds: [] };
}

/** Puts the question in the box to base and other policy, with the same draws. */
export async function askBoth(): Promise<void> {
  const { questionText, picked, corpus } = state();
  const text = questionText.trim();
  if (text === '') return;
  const question = picked?.text === text ? picked : typedQuestion(text, corpus);
  cancelAsked();
  const baseId = nextRequestId();
  const otherId = nextRequestId();
  const last = state().lab.steps.at(-1)?.step;
  const other = otherPolicy(state());
  const { webllm } = state().lab;
  const larger =
    webllm.status === 'ready' ? { webllm: { id: nextRequestId(), model: webllm.model } } : undefined;
  state().setPlay({
    asked: {
      question,
      baseId,
      otherId,
      other,
      ...(last !== undefined && other === 'current' ? { step: last } : {}),
      ...larger,
    },
  });
  if (!(await ensureCorpus())) return;
  if (!isAsking(state()) || state().asked?.baseId !== baseId) return;
  const { temperature, dice, lab } = state();
  const ask = (id: number, policy: PolicyChoice): void =>
    sendToLab({ type: 'play', id, question, policy, temperature, seed: dice });
  ask(baseId, 'base');
  if (other === 'current' || lab.info?.hasTrained === true) ask(otherId, other);
  if (larger !== undefined)
    sendToLab({ type: 'webllm-play', id: larger.webllm.id, question, temperature, seed: dice });
}

function cancelAsked(): void {
  const { asked, lab } = state();
  if (asked === undefined) return;
  const { baseId, otherId, webllm } = asked;
  // What a model of web-llm's has not begun, it also need not begin.
  if (webllm !== undefined && lab.plays[webllm.id]?.done !== true)
    sendToLab({ type: 'cancel', id: webllm.id });
  for (const id of [baseId, otherId]) {
    if (lab.plays[id]?.done === false) sendToLab({ type: 'cancel', id });
  }
}

/** Whether an answer is still to come. */
export function isAsking({ asked, lab }: Pick<AppState, 'asked' | 'lab'>): boolean {
  if (asked === undefined || lab.run === 'failed') return false;
  const { baseId, otherId, other, webllm } = asked;
  const none = other === 'trained' && lab.info?.hasTrained === false;
  const ids = [baseId, ...(none ? [] : [otherId]), ...(webllm === undefined ? [] : [webllm.id])];
  return ids.some((id) => lab.plays[id]?.done !== true && !isOver(lab, id));
}

/** Stopped, or refused. */
const isOver = ({ cancelled, notices }: AppState['lab'], id: number): boolean =>
  cancelled.includes(id) || notices.some((notice) => notice.id === id);

/** Ends the answers where they are; those that have not begun, and a load that they wait for, end with no word. */
export function stopAsked(): void {
  const { asked, lab } = state();
  if (asked === undefined) return;
  const { baseId, otherId, webllm } = asked;
  for (const id of [baseId, otherId, ...(webllm === undefined ? [] : [webllm.id])]) {
    if (lab.plays[id]?.done !== true) sendToLab({ type: 'cancel', id });
  }
}

/** A question of the corpus into the box, by chance; not one that stands there already. */
export function pickAnother(): void {
  const questions = state().lab.corpus?.questions ?? [];
  const others = questions.filter((question) => question.text !== state().questionText);
  const question = others[Math.floor(Math.random() * others.length)];
  if (question !== undefined) pickQuestion(question);
}

export function pickQuestion(question: Question): void {
  state().setPlay({ questionText: question.text, picked: question });
}

/** Another question and, where the engine is there, its answers: the recorded pairs before, live ones after. */
export async function another(): Promise<void> {
  const { recorded, asked, pair, corpus, corpusId, setPlay } = state();
  const pairs = recorded.status === 'ready' ? recorded.run.pairs : [];
  if (asked === undefined && corpus === 'generated' && corpusId === undefined && pairs.length > 1) {
    const next = (pair + 1) % pairs.length;
    const question = pairs[next]?.question;
    setPlay({
      pair: next,
      ...(question === undefined ? {} : { questionText: question.text, picked: question }),
    });
    return;
  }
  if (!(await ensureCorpus())) return;
  pickAnother();
  await askBoth();
}

/** Other dice, the same question. */
export async function rollAgain(): Promise<void> {
  state().setPlay({ dice: (state().dice % 0x7ffffffe) + 1 });
  await askBoth();
}

/** Asks what else was likely at a token of a finished live rollout; returns the id that the answer will carry. */
export function askAlternatives(prefix: readonly number[], policy: PolicyChoice, k = 5): number | undefined {
  const { run } = state().lab;
  if (run !== 'ready' && run !== 'paused' && run !== 'done') return undefined;
  const id = nextRequestId();
  sendToLab({ type: 'alternatives', id, prefix, policy, k });
  return id;
}
