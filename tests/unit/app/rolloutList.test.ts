import { beforeEach, describe, expect, it } from 'vitest';
import { instructiveMate } from '../../../src/app/store/mates.ts';
import { filtered, searchWords, sorted, type RolloutFilter } from '../../../src/app/store/rolloutFilter.ts';
import {
  neighbour,
  openEntry,
  openRollout,
  rolloutList,
  type RolloutEntry,
} from '../../../src/app/store/rolloutList.ts';
import { useApp } from '../../../src/app/store/store.ts';
import type { GroupResult } from '../../../src/lab/protocol.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { recordedFixture } from '../../e2e/recordedFixture.ts';
import { broken, makeTrace, partly, right, wrong } from './traces.ts';

const searching = [
  ['think', 3],
  ['search', 2],
  ['result', 4],
  ['answer', 2],
] as const;
const plain = [
  ['think', 3],
  ['answer', 2],
] as const;

const group = (index: number, text: string, traces: readonly Trace[], hops = 2): GroupResult => ({
  group: index,
  question: {
    id: `q${index}`,
    set: 'musique',
    text,
    golds: ['Ada'],
    chain: Array.from({ length: hops }, () => ({
      subject: 's',
      relation: 'r',
      object: 'o',
      passageId: 'p',
      query: 'q',
    })),
  },
  traces: traces.map((trace, i) => ({
    ...trace,
    id: `${index}.${i}`,
    question: { ...trace.question, text },
  })),
  meanReward: 0.5,
  stdReward: 0.5,
});

/** With another second token. */
const goingAnotherWay = (trace: Trace): Trace => ({
  ...trace,
  tokens: { ...trace.tokens, texts: trace.tokens.texts.map((text, i) => (i === 1 ? ' otherwise' : text)) },
});

const state = () => useApp.getState();

beforeEach(() => {
  const fixture = recordedFixture();
  const run = {
    ...fixture,
    groups: [
      {
        step: 1,
        groups: [
          group(0, 'Who wrote Cholwis?', [
            goingAnotherWay(makeTrace({ parts: searching, reward: right })),
            makeTrace({ parts: plain, reward: wrong }),
            makeTrace({ parts: plain, reward: broken }),
          ]),
        ],
      },
      {
        step: 3,
        groups: [
          group(0, 'Where is Lissen?', [makeTrace({ parts: searching, reward: partly })], 3),
          group(1, 'When was Orvane founded?', [makeTrace({ parts: plain })]),
        ],
      },
    ],
  };
  state().recordedArrived(run, false);
  state().setView({ source: undefined, step: undefined, open: undefined });
  state().setRollouts({
    filter: {},
    order: { by: 'batch', down: false },
    listed: 'run',
    files: [],
    cursor: undefined,
    token: undefined,
    beside: undefined,
  });
});

const keys = (entries: readonly RolloutEntry[]): string[] => entries.map(({ key }) => key);
const withFilter = (filter: RolloutFilter): string[] => keys(filtered(rolloutList(state()).all, filter));

describe('the list of rollouts', () => {
  it('holds all of the run, whether or not its playing has come so far; the newest update first', () => {
    expect(keys(rolloutList(state()).all)).toEqual(['3.0.0', '3.1.0', '1.0.0', '1.0.1', '1.0.2']);
    expect(rolloutList(state())).toBe(rolloutList(state()));
  });

  it('is narrowed by what a rollout is', () => {
    expect(withFilter({ verdict: 'right' })).toEqual(['1.0.0']);
    expect(withFilter({ verdict: 'partly' })).toEqual(['3.0.0']);
    expect(withFilter({ verdict: 'unscored' })).toEqual(['3.1.0']);
    expect(withFilter({ branch: 'answer tags' })).toEqual(['1.0.2']);
    expect(withFilter({ hops: 3 })).toEqual(['3.0.0']);
    expect(withFilter({ searches: 1 })).toEqual(['3.0.0', '1.0.0']);
    expect(withFilter({ update: 1, searches: 0 })).toEqual(['1.0.1', '1.0.2']);
    expect(withFilter({ rewardFrom: 0.1, rewardTo: 0.5 })).toEqual(['3.0.0', '1.0.1']);
    expect(withFilter({ behaviour: 'no such' })).toEqual([]);
  });

  it('is searched in question and response: all words, in any case, quotes together', () => {
    expect(withFilter({ text: 'CHOLWIS wrote' })).toEqual(['1.0.0', '1.0.1', '1.0.2']);
    expect(withFilter({ text: '"wrote cholwis"' })).toHaveLength(3);
    expect(withFilter({ text: '"cholwis wrote"' })).toEqual([]);
    expect(withFilter({ text: 'cholwis w10' })).toEqual(['1.0.0']);
    expect(searchWords('  a "b c" d')).toEqual(['a', 'b c', 'd']);
  });

  it('is sorted; rollouts without the measure come last either way', () => {
    const { all } = rolloutList(state());
    const by = (down: boolean) => keys(sorted(all, { by: 'reward', down }));
    expect(by(true)).toEqual(['1.0.0', '3.0.0', '1.0.1', '1.0.2', '3.1.0']);
    expect(by(false)).toEqual(['1.0.2', '1.0.1', '3.0.0', '1.0.0', '3.1.0']);
  });

  it('opens one, moves to the next of what is shown, and lets go of what was picked', () => {
    state().setRollouts({ filter: { update: 1 }, token: 4, beside: '1.0.2' });
    const [first] = rolloutList(state()).shown;
    openRollout(state(), first);
    expect(openEntry(state())?.key).toBe('1.0.0');
    expect(state()).toMatchObject({ step: 1, open: { group: 0, rollout: 0 } });
    expect(state().token).toBeUndefined();
    expect(state().beside).toBeUndefined();
    expect(neighbour(state(), 1)?.key).toBe('1.0.1');
    expect(neighbour(state(), -1)).toBeUndefined();
  });

  it('keeps a file’s rollouts apart from the run’s', () => {
    const file = {
      id: 7,
      name: 'x.jsonl',
      format: 'a test',
      groups: [{ traces: [makeTrace({}), makeTrace({ reward: right })], mean: 0.5, std: 0.7 }],
      advantagesWorkedOut: false,
      problems: [],
    };
    state().setRollouts({ files: [file], listed: 7 });
    openRollout(state(), rolloutList(state()).shown[1]);
    expect(openEntry(state())?.key).toBe('0.1');
    expect(state().open).toBeUndefined();
  });

  it('puts beside a rollout the one that earned otherwise and parts from it latest', () => {
    const entry = rolloutList(state()).all.find(({ key }) => key === '1.0.1');
    if (entry === undefined) throw new Error('no entry');
    // The right one takes another way at its second token; the broken one goes on like it to the end.
    expect(instructiveMate(entry)?.key).toBe('1.0.2');
  });
});
