import type { Policy, PolicyRequest, PolicySession, PolicyToken } from '../../../src/policy/policy.ts';
import type { Passage, RetrievedPassage, Retriever } from '../../../src/retrieval/retriever.ts';
import { trainBpe } from '../../../src/text/bpeTrainer.ts';
import { NANO_TOKENS } from '../../../src/text/chatTemplate.ts';
import { loadHfTokenizer } from '../../../src/text/hfTokenizer.ts';
import type { Tokenizer } from '../../../src/text/tokenizer.ts';
import { makeTokenizerConfig } from '../../../src/text/tokenizerJson.ts';
import type { Question } from '../../../src/world/types.ts';

const TEXTS = [
  'who wrote Cholwis? Mara Tolven wrote the book Cholwis, not the film.',
  'I made a mistake, that is not it.',
];

/** A nano tokenizer like the shipped one, only smaller. */
export const tokenizer: Tokenizer = loadHfTokenizer(
  trainBpe(TEXTS, { vocabularySize: 340, addedTokens: [...NANO_TOKENS] }),
  makeTokenizerConfig('<|end|>'),
);

/** What a sequence writes: a text up to each stop, then on after what is inserted. */
export type Script = (prompt: string, draw: number) => readonly string[];

interface Scripted {
  readonly request: PolicyRequest;
  readonly parts: number[][];
  length: number;
  running: boolean;
}

/** A policy that writes what a script says, a token a step, and keeps a record of how it was used. */
export class ScriptedPolicy implements Policy {
  readonly name = 'scripted';
  readonly tokenizer = tokenizer;
  readonly inserted: string[] = [];
  /** Text of each sequence as it was opened. */
  readonly asked: string[] = [];
  mostOpen = 0;
  steps = 0;
  disposed = 0;
  private readonly script: Script;

  constructor(script: Script) {
    this.script = script;
  }

  session({ slots, stops }: { slots: number; stops: readonly string[] }): PolicySession {
    const stopIds = stops.map((stop) => tokenizer.idOf(stop));
    const open = new Map<number, Scripted>();
    let count = 0;
    return {
      open: (request) => {
        if (open.size >= slots) throw new Error('no slot is free');
        const prompt = tokenizer.decode(request.prompt);
        this.asked.push(prompt);
        const parts = this.script(prompt, request.key.rollout);
        open.set(count, {
          request,
          parts: parts.map((text) => tokenizer.encode(text)),
          length: 0,
          running: true,
        });
        this.mostOpen = Math.max(this.mostOpen, open.size);
        return count++;
      },
      resume: (id, ids) => {
        const sequence = open.get(id);
        if (sequence === undefined || sequence.running) throw new Error(`sequence ${id} does not wait`);
        sequence.length += ids.length;
        sequence.parts.shift();
        sequence.running = true;
        this.inserted.push(tokenizer.decode(ids));
      },
      close: (id) => {
        if (!open.delete(id)) throw new Error(`sequence ${id} is not open`);
      },
      step: () => {
        this.steps++;
        const running = [...open].filter(([, sequence]) => sequence.running);
        return Promise.resolve(running.map(([id, sequence]) => this.next(id, sequence, stopIds)));
      },
      dispose: () => {
        this.disposed++;
      },
    };
  }

  private next(sequence: number, scripted: Scripted, stopIds: readonly (number | undefined)[]): PolicyToken {
    const id = scripted.parts[0]?.shift();
    if (id === undefined) throw new Error('the script has ended without an end token');
    scripted.length++;
    const stopped =
      id === tokenizer.eosId
        ? 'eos'
        : stopIds.includes(id)
          ? 'stop'
          : scripted.length >= scripted.request.maxTokens
            ? 'length'
            : undefined;
    if (stopped !== undefined) scripted.running = false;
    return { sequence, id, logprob: -0.5, entropy: 1, ...(stopped === undefined ? {} : { stopped }) };
  }
}

export const PASSAGES: readonly Passage[] = [
  { id: 'film', title: 'Cholwis', text: 'Cholwis is a film.' },
  { id: 'book', title: 'Cholwis', text: 'Mara Tolven wrote it.' },
];

/** Finds the book for queries with "book", else the film; every batch of queries is kept. */
export class ScriptedRetriever implements Retriever {
  readonly label = 'scripted';
  readonly batches: string[][] = [];

  search(queries: readonly string[], k: number): Promise<RetrievedPassage[][]> {
    this.batches.push([...queries]);
    return Promise.resolve(
      queries.map((query) => {
        const order = query.includes('book') ? [...PASSAGES].reverse() : PASSAGES;
        return order.slice(0, k).map((passage, i) => ({ passage, score: 1 - i / 2 }));
      }),
    );
  }
}

export const QUESTION: Question = {
  id: 'q1',
  set: 'musique',
  text: 'who wrote Cholwis?',
  golds: ['Mara Tolven'],
  chain: [
    {
      subject: 'Cholwis',
      relation: 'author',
      object: 'Mara Tolven',
      passageId: 'book',
      query: 'book Cholwis author',
    },
  ],
};
