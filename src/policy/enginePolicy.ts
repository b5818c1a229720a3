import type { DecoderConfig } from '../engine/config.ts';
import type { Decoder } from '../engine/decoder.ts';
import { Generator } from '../engine/generation.ts';
import { cacheBytes } from '../engine/kvCache.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { Policy, PolicyRequest, PolicySession, PolicyToken } from './policy.ts';
import { StopTexts } from './stopTexts.ts';

export interface EnginePolicyOptions {
  readonly name: string;
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
}

/** Most bytes of keys and values of sequences that run at once; more of them wait for their turn. */
const MOST_CACHE_BYTES = 2 ** 30;

/** A policy run by our own engine. It reads the decoder's weights as they are when it steps. */
export class EnginePolicy implements Policy {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  private readonly decoder: Decoder;

  constructor({ name, decoder, tokenizer }: EnginePolicyOptions) {
    if (tokenizer.vocabularySize > decoder.config.vocabSize) {
      throw new Error(
        `Policy ${name}: the tokenizer knows ${tokenizer.vocabularySize} tokens, the model ${decoder.config.vocabSize}. Use the tokenizer that belongs to the model.`,
      );
    }
    this.name = name;
    this.tokenizer = tokenizer;
    this.decoder = decoder;
  }

  /** Sequences of `capacity` tokens that run at once at most, for a model of this configuration. */
  static slotsFor(config: DecoderConfig, capacity: number): number {
    return Math.max(1, Math.floor(MOST_CACHE_BYTES / cacheBytes(config, 1, capacity)));
  }

  mostSlots(capacity: number): number {
    return EnginePolicy.slotsFor(this.decoder.config, capacity);
  }

  session(options: {
    readonly stops: readonly string[];
    readonly slots: number;
    readonly capacity: number;
  }): PolicySession {
    const { stops, slots, capacity } = options;
    return new EngineSession(new Generator(this.decoder, { slots, capacity }), this.tokenizer, stops);
  }
}

interface OpenSequence {
  readonly request: PolicyRequest;
  /** The generator's number of it. */
  readonly inner: number;
  inserted: number;
}

class EngineSession implements PolicySession {
  private readonly generator: Generator;
  private readonly tokenizer: Tokenizer;
  private readonly stops: StopTexts;
  private readonly opened = new Map<number, OpenSequence>();
  private readonly outerOf = new Map<number, number>();
  private count = 0;

  constructor(generator: Generator, tokenizer: Tokenizer, stops: readonly string[]) {
    this.generator = generator;
    this.tokenizer = tokenizer;
    this.stops = new StopTexts(tokenizer, stops);
  }

  open(request: PolicyRequest): number {
    const { eosId } = this.tokenizer;
    const shared = this.openSharing(request.share);
    // A stop may begin in what was written before; not in anything before an insertion.
    const begun = request.written === undefined ? [] : request.prompt.slice(-request.written);
    const since = (generated: readonly number[]): readonly number[] =>
      begun.length === 0 || open.inserted > 0 ? generated : [...begun, ...generated];
    const inner = this.generator.open({
      prompt: request.prompt,
      key: request.key,
      sampling: request.sampling,
      maxTokens: request.maxTokens,
      stop: (generated) => generated.at(-1) === eosId || this.stops.endedBy(since(generated)),
      ...(shared === undefined ? {} : { share: shared }),
    });
    const sequence = this.count++;
    const open: OpenSequence = { request, inner, inserted: 0 };
    this.opened.set(sequence, open);
    this.outerOf.set(inner, sequence);
    return sequence;
  }

  resume(sequence: number, inserted: readonly number[]): void {
    const open = this.find(sequence);
    open.inserted += inserted.length;
    this.generator.resume(open.inner, inserted, open.request.maxTokens - open.inserted);
  }

  close(sequence: number): void {
    const { inner } = this.find(sequence);
    this.generator.close(inner);
    this.opened.delete(sequence);
    this.outerOf.delete(inner);
  }

  async step(): Promise<readonly PolicyToken[]> {
    const { eosId } = this.tokenizer;
    while (this.generator.busy) {
      // A step may only feed long prompts in; then there is no token yet.
      const drawn = await this.generator.step();
      if (drawn.length === 0) continue;
      return drawn.flatMap(({ sequence: inner, token, logprob, entropy, state }): PolicyToken[] => {
        const sequence = this.outerOf.get(inner);
        if (sequence === undefined) return [];
        const told = { sequence, id: token, logprob, entropy };
        if (token === eosId) return [{ ...told, stopped: 'eos' }];
        if (state === 'running') return [told];
        return [{ ...told, stopped: state === 'length' ? 'length' : 'stop' }];
      });
    }
    return [];
  }

  dispose(): void {
    this.opened.clear();
    this.outerOf.clear();
    this.generator.dispose();
  }

  private openSharing(share: string | undefined): number | undefined {
    if (share === undefined) return undefined;
    for (const { request, inner } of this.opened.values()) if (request.share === share) return inner;
    return undefined;
  }

  private find(sequence: number): OpenSequence {
    const open = this.opened.get(sequence);
    if (open === undefined) throw new Error(`Policy session: sequence ${sequence} is not open.`);
    return open;
  }
}
