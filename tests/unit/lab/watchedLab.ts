import { Lab } from '../../../src/lab/lab.ts';
import type { AdapterChoice } from '../../../src/lab/modelProtocol.ts';
import type { LabEvent, LabRequest, PolicyChoice, RunState } from '../../../src/lab/protocol.ts';
import type { Recipe } from '../../../src/lab/recipe.ts';
import type { WebllmPlace } from '../../../src/lab/webllmDesk.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import type { Question } from '../../../src/world/types.ts';
import { nodeSurroundings, type Holdings, type PublicFolder } from './nodeSurroundings.ts';
import { tinyRecipe } from './tinyPolicy.ts';

type EventOf<T extends LabEvent['type']> = Extract<LabEvent, { type: T }>;

const noWebllm: WebllmPlace = {
  open: () => {
    throw new Error('web-llm was opened.');
  },
  caches: () => {
    throw new Error('Caches were opened.');
  },
};

/** A lab as a page sees it: requests in, copies of its events out. */
export class WatchedLab {
  readonly events: LabEvent[] = [];
  readonly holdings: Holdings = { backends: 0, embedders: 0 };
  /** Called with each event as it comes. */
  onEvent: (event: LabEvent) => void = () => undefined;
  private readonly lab: Lab;
  private readonly baseUrl: string;
  private lastId = 0;

  constructor(folder: PublicFolder, webllm: WebllmPlace = noWebllm) {
    this.baseUrl = folder.baseUrl;
    this.lab = new Lab(
      (baseUrl) => nodeSurroundings(baseUrl, this.holdings),
      (event) => {
        // As postMessage does: what cannot be cloned, or is changed later, would show.
        // Blobs are handed on as they are, and Node's structuredClone does not know them.
        const copy = event.type === 'exported' ? event : structuredClone(event);
        this.events.push(copy);
        this.onEvent(copy);
      },
      webllm,
    );
  }

  /** Settles when the request has been dealt with; what was told meanwhile is returned. */
  async ask(request: LabRequest): Promise<LabEvent[]> {
    const from = this.events.length;
    await this.lab.handle(request);
    return this.events.slice(from);
  }

  load(recipe: Recipe = tinyRecipe, adapter?: AdapterChoice): Promise<LabEvent[]> {
    const begin = adapter === undefined ? {} : { adapter };
    return this.ask({ type: 'load', recipe, backend: 'wasm', baseUrl: this.baseUrl, ...begin });
  }

  estimate(recipe: Recipe): Promise<LabEvent[]> {
    return this.ask({ type: 'estimate', id: this.nextId(), recipe, backend: 'wasm', baseUrl: this.baseUrl });
  }

  nextId(): number {
    return ++this.lastId;
  }

  /** The finished rollout of a policy; its snapshots are left out. */
  async play(policy: PolicyChoice, question: Question, change: { seed?: number } = {}): Promise<Trace> {
    const events = await this.ask({
      type: 'play',
      id: this.nextId(),
      question,
      policy,
      temperature: 1,
      seed: 1,
      ...change,
    });
    const last = events.at(-1);
    if (last?.type !== 'play' || !last.done) throw new Error(`Play ended with ${JSON.stringify(last)}`);
    return last.trace;
  }

  /** The run's last told state. */
  get state(): RunState | undefined {
    return this.all('state').at(-1)?.state;
  }

  all<T extends LabEvent['type']>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Resolves with the next event of a type. */
  next<T extends LabEvent['type']>(type: T): Promise<EventOf<T>> {
    return new Promise((resolve) => {
      const before = this.onEvent;
      this.onEvent = (event) => {
        before(event);
        if (event.type !== type) return;
        this.onEvent = before;
        resolve(event as EventOf<T>);
      };
    });
  }
}

/** The one error among events; throws if there is none, or more. */
export function errorIn(events: readonly LabEvent[]): EventOf<'error'> {
  const errors = events.filter((event): event is EventOf<'error'> => event.type === 'error');
  const [error] = errors;
  if (!error || errors.length > 1) throw new Error(`expected one error: ${JSON.stringify(events)}`);
  return error;
}
