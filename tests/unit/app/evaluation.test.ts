import { describe, expect, it } from 'vitest';
import { rowsAsCsv } from '../../../src/app/evaluate/csv.ts';
import { marginOf } from '../../../src/app/evaluate/margin.ts';
import { paperFigures, paperModels } from '../../../src/app/evaluate/paper.ts';
import { emptyLab, type LabInput, type LabState } from '../../../src/app/store/labState.ts';
import { reduceLab } from '../../../src/app/store/reduceLab.ts';
import type { LabEvent } from '../../../src/lab/protocol.ts';
import type { EvaluationRow } from '../../../src/research/methodRows.ts';
import type { MethodName } from '../../../src/research/methodNames.ts';
import { generatedSets } from '../../../src/world/types.ts';

const row = (method: MethodName, em: number): EvaluationRow => ({
  method,
  set: 'musique',
  n: 2,
  em,
  f1: em,
  searches: 1,
  ci95: [0, 1],
  f1Ci95: [0, 1],
  responseTokens: 9,
  selfCorrections: 0,
  searchesByHops: null,
  byHops: { 2: { n: 2, em, f1: em, searches: 1, ci95: [0, 1] } },
});

const ask = (id: number): LabInput => ({
  from: 'page',
  request: {
    type: 'evaluate',
    id,
    plan: { methods: ['ircot'], sets: ['musique'], n: 2, worldSeed: 1, policy: 'trained' },
  },
});
const told = (event: LabEvent): LabInput => ({ from: 'worker', event });
const cell = (id: number): LabInput =>
  told({ type: 'evaluationCell', id, cell: { row: row('ircot', 0.5), traces: [] } });
const fold = (...inputs: readonly LabInput[]): LabState => inputs.reduce(reduceLab, emptyLab);

describe('an evaluation on the page', () => {
  it('gathers cells until it is done', () => {
    const progress = { method: 'ircot', set: 'musique', done: 1, total: 2 } as const;
    const half = fold(ask(1), told({ type: 'evaluationProgress', id: 1, progress }), cell(1));
    expect(half.evaluation).toMatchObject({ status: 'running', progress, cells: [{ row: { em: 0.5 } }] });
    const done = reduceLab(half, told({ type: 'evaluationDone', id: 1, seconds: 3 }));
    expect(done.evaluation).toMatchObject({ status: 'done', seconds: 3 });
  });

  it('keeps finished cells when stopped, takes no later ones, and shows no error', () => {
    const stopped = fold(
      ask(1),
      cell(1),
      { from: 'page', request: { type: 'cancel', id: 1 } },
      cell(1),
      told({ type: 'error', request: 'evaluate', id: 1, message: 'Stopped.' }),
    );
    expect(stopped.evaluation).toMatchObject({ status: 'stopped' });
    expect(stopped.evaluation?.cells).toHaveLength(1);
    expect(stopped.notices).toEqual([]);
  });

  it('says that it broke off where it did, and forgets it for the next', () => {
    const failed = fold(
      ask(1),
      told({ type: 'error', request: 'evaluate', id: 1, message: 'Out of memory.' }),
    );
    expect(failed.evaluation?.status).toBe('failed');
    expect(failed.notices.map(({ message }) => message)).toEqual(['Out of memory.']);
    const next = [ask(2), cell(1)].reduce(reduceLab, failed);
    expect(next.evaluation).toMatchObject({ id: 2, status: 'running', cells: [] });
  });
});

describe('the margin', () => {
  it('is the paper’s own on the paper’s figures', () => {
    const margins = paperModels.map((model) =>
      marginOf(generatedSets, (method, set) => paperFigures[model][method]?.[set]),
    );
    expect(margins[0]).toMatchObject({ best: 'iter-retgen' });
    expect(margins[0]?.points).toBeCloseTo(15.81, 2);
    expect(margins[1]?.points).toBeCloseTo(14.82, 1);
  });

  it('is not told while a cell is missing', () => {
    expect(marginOf(['musique'], (method) => (method === 'ircot' ? undefined : 1))).toBeUndefined();
  });
});

describe('rows as CSV', () => {
  it('have a line for all questions and one for each number of hops', () => {
    expect(rowsAsCsv([row('ircot', 0.5)])).toBe(
      'method,set,hops,n,em,em low,em high,f1,searches\n' +
        'ircot,musique,all,2,0.5,0,1,0.5,1\nircot,musique,2,2,0.5,0,1,0.5,1\n',
    );
  });
});
