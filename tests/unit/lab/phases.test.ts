import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabEvent, RunFinding } from '../../../src/lab/protocol.ts';
import { heldPhases } from '../../../src/lab/runFinding.ts';
import type { Question } from '../../../src/world/types.ts';
import { generateWorld } from '../../../src/world/generate.ts';
import { makePublicFolder, type PublicFolder } from './nodeSurroundings.ts';
import { recipeWith, tinyRecipe } from './tinyPolicy.ts';
import { errorIn, WatchedLab } from './watchedLab.ts';

let folder: PublicFolder;
beforeAll(async () => {
  folder = await makePublicFolder();
});
afterAll(() => folder.remove());

const [question] = generateWorld({ seed: 1, questions: 1, ...tinyRecipe.world }).questions as [Question];

const nextPhase = { type: 'step-phase', group: 1, pace: 0 } as const;

async function opened(recipe = tinyRecipe): Promise<WatchedLab> {
  const lab = new WatchedLab(folder);
  await lab.load(recipe);
  await lab.ask({ type: 'corpus', id: lab.nextId(), corpus: { kind: 'generated', worldSeed: 1 } });
  return lab;
}

/** Lets on until the update is held again or made; gives the phases told on the way. */
async function onePhase(lab: WatchedLab): Promise<string[]> {
  const from = lab.events.length;
  const paused = new Promise<void>((resolve) => {
    const before = lab.onEvent;
    lab.onEvent = (event) => {
      before(event);
      if (event.type !== 'state' || (event.state !== 'paused' && event.state !== 'done')) return;
      lab.onEvent = before;
      resolve();
    };
  });
  void lab.ask(nextPhase);
  await paused;
  return findings(lab.events.slice(from)).map(({ phase }) => phase);
}

/** One whole update. */
async function allPhases(lab: WatchedLab): Promise<void> {
  for (let phase = 0; phase < heldPhases.length; phase++) await onePhase(lab);
}

const findings = (events: readonly LabEvent[]): RunFinding[] =>
  events.flatMap((event) => (event.type === 'watched' ? [event.finding] : []));

const found = <P extends RunFinding['phase']>(lab: WatchedLab, phase: P) =>
  findings(lab.events).filter(
    (finding): finding is Extract<RunFinding, { phase: P }> => finding.phase === phase,
  );

/** Everything that is to be the same: what was written, what was learned, what the policy says then. */
async function outcome(lab: WatchedLab) {
  const trace = await lab.play('current', question);
  return {
    said: trace.tokens.logprobs,
    updates: lab.all('update').map(({ metrics, groups }) => ({
      metrics: { ...metrics, secondsRollout: 0, secondsTrain: 0 },
      traces: groups.flatMap(({ traces }) => traces.map((one) => ({ ...one, milliseconds: 0 }))),
    })),
  };
}

describe('a run in slow motion', () => {
  it('learns the same, bit by bit, and tells a group’s rollouts as they are written', async () => {
    const straight = await opened();
    await straight.ask({ type: 'step' });

    const slowed = await opened();
    await slowed.ask({ type: 'pace', pace: 1 });
    await slowed.ask({ type: 'step' });
    expect(await outcome(slowed)).toEqual(await outcome(straight));
    expect(straight.all('writing')).toEqual([]);
    const told = slowed.all('writing');
    expect(told.length).toBeGreaterThan(0);
    const written = slowed.all('update')[0]?.groups[0]?.traces ?? [];
    for (const { step, traces } of told) {
      expect(step).toBe(1);
      traces.forEach(({ tokens, rollout }) => {
        const whole = written.find((trace) => trace.rollout === rollout)?.tokens.ids ?? [];
        expect(tokens.ids).toEqual(whole.slice(0, tokens.ids.length));
      });
    }
  });
});

describe('an update by phase', () => {
  it.each([
    ['one optimiser step', tinyRecipe],
    ['two passes over two minibatches', recipeWith({ grpo: { minibatches: 2, epochs: 2 } })],
    ['a reference', recipeWith({ grpo: { klWeight: 0.1 } })],
  ])('is the same update as in one go, bit by bit: %s', async (_name, recipe) => {
    const straight = await opened(recipe);
    await straight.ask({ type: 'step' });
    await straight.ask({ type: 'step' });

    const stepped = await opened(recipe);
    while (stepped.all('update').length < 2) await onePhase(stepped);
    expect(await outcome(stepped)).toEqual(await outcome(straight));
  });

  it('holds before each phase, and tells only what it has computed', async () => {
    const lab = await opened();
    const told = await onePhase(lab);
    expect(new Set(told)).toEqual(new Set(['writing', 'rollouts']));
    expect(lab.state).toBe('paused');
    for (const phase of heldPhases.slice(1)) expect(await onePhase(lab)).toEqual([phase]);
    expect(lab.state).toBe('paused');
    expect(lab.all('update').map(({ metrics }) => metrics.step)).toEqual([1]);
    // Evaluated only when more is wanted, and then as the policy was.
    expect(lab.all('evaluated')).toEqual([]);
    await lab.ask({ type: 'step' });
    expect(lab.all('evaluated').map(({ when, step }) => [when, step])).toEqual([['before', 0]]);
  });

  it('measures the policy as it was, though an update has been made since', async () => {
    const straight = await opened();
    await straight.ask({ type: 'step' });
    const stepped = await opened();
    await allPhases(stepped);
    await stepped.ask({ type: 'step' });
    expect(stepped.all('evaluated')[0]?.scores).toEqual(straight.all('evaluated')[0]?.scores);
  });

  it('tells of the watched group while it is written, of all when it is done', async () => {
    const lab = await opened();
    await onePhase(lab);
    expect(new Set(found(lab, 'writing').map(({ group }) => group))).toEqual(new Set([1]));
    const [rollouts] = found(lab, 'rollouts');
    expect(rollouts?.groups.map(({ traces }) => traces.length)).toEqual([3, 3, 3]);
    expect(rollouts?.groups.every(({ traces }) => traces.every(({ reward }) => reward !== undefined))).toBe(
      true,
    );
    expect(
      rollouts?.groups.every(({ traces }) => traces.every((trace) => trace.advantage === undefined)),
    ).toBe(true);
  });

  it('measures gradient and change tensor by tensor, and AdamW of one weight in full', async () => {
    const lab = await opened();
    await allPhases(lab);
    const [gradient] = found(lab, 'gradient');
    const [change] = found(lab, 'update');
    if (!gradient || !change) throw new Error('no finding');
    const whole = Math.hypot(...gradient.tensors.map(({ norm }) => norm));
    expect(whole).toBeCloseTo(gradient.norm, 4);
    expect(gradient.norm).toBeCloseTo(lab.all('update')[0]?.metrics.gradNorm ?? NaN, 6);
    expect(change.gradScale).toBeCloseTo(Math.min(1, 1 / gradient.norm), 5);
    expect(change.changes.map(({ name }) => name)).toEqual(gradient.tensors.map(({ name }) => name));

    const { betas, epsilon, learningRate, adamStep, example } = change;
    const g = example.gradient * change.gradScale;
    expect(example.m).toBeCloseTo((1 - betas[0]) * g, 6);
    const mHat = example.m / (1 - betas[0] ** adamStep);
    const vHat = example.v / (1 - betas[1] ** adamStep);
    expect(example.after - example.before).toBeCloseTo(
      (-learningRate * mHat) / (Math.sqrt(vHat) + epsilon),
      4,
    );
  });

  it('asks the policies before and after the same: the places that moved most, their whole choice', async () => {
    const lab = await opened();
    await allPhases(lab);
    const [moved] = found(lab, 'moved');
    const groups = found(lab, 'rollouts')[0]?.groups;
    if (!moved || !groups) throw new Error('no finding');
    const changeAt = (group: number, rollout: number, token: number): number =>
      Math.abs(
        Math.exp(moved.after[group]?.[rollout]?.[token] ?? NaN) -
          Math.exp(moved.before[group]?.[rollout]?.[token] ?? NaN),
      );
    const all = groups.flatMap(({ traces }, g) =>
      traces.flatMap(({ tokens }, r) => tokens.ids.flatMap((_, t) => changeAt(g, r, t) || [])),
    );
    const [first] = moved.places;
    if (!first) throw new Error('nothing moved');
    expect(changeAt(first.group, first.rollout, first.token)).toBe(Math.max(...all));
    const written = groups[first.group]?.traces[first.rollout]?.tokens.ids[first.token];
    const own = first.choices.find(({ id }) => id === written);
    expect(own?.before).toBeCloseTo(
      Math.exp(moved.before[first.group]?.[first.rollout]?.[first.token] ?? NaN),
      4,
    );
    expect(groups[0]?.traces[0]?.tokens.generated).toEqual(
      moved.before[0]?.[0]?.map((logprob) => logprob !== null),
    );
  });

  it('goes on to its end when started, and ends with the run when stopped', async () => {
    const lab = await opened(recipeWith({ grpo: { steps: 2 } }));
    await onePhase(lab);
    await onePhase(lab);
    await lab.ask({ type: 'step' });
    await lab.next('update');
    expect(lab.all('update')).toHaveLength(1);
    await onePhase(lab);
    await lab.ask({ type: 'stop' });
    expect(lab.state).toBe('ready');
    expect(lab.all('error')).toMatchObject([]);
    const base = await lab.play('base', question);
    expect((await lab.play('current', question)).tokens.ids).toEqual(base.tokens.ids);
  });

  it('is refused while updates run freely', async () => {
    const lab = await opened();
    const running = lab.ask({ type: 'start' });
    await lab.next('phase');
    expect(errorIn(await lab.ask(nextPhase)).message).toMatch(/pause them first/);
    await lab.ask({ type: 'stop' });
    await running;
  });
});
