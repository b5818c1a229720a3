import { z } from 'zod';
import { spansOf, type Span } from './spans.ts';

/** Messages of a chat, as OpenAI's interface writes them; tool calls also as JSON in strings (older verifiers). */

const call = z.union([z.string().transform((text, context) => jsonOf(text, context)), z.unknown()]).pipe(
  z.looseObject({
    function: z.looseObject({ name: z.string(), arguments: z.unknown() }),
  }),
);

const part = z.looseObject({ type: z.string().optional(), text: z.string().optional() });

export const message = z.looseObject({
  role: z.string(),
  content: z
    .union([
      z.string(),
      z.array(part).transform((parts) => parts.map(({ text }) => text ?? '').join('')),
      z.null(),
    ])
    .optional(),
  tool_calls: z.array(call).nullish(),
});

export type Message = z.infer<typeof message>;

/** A text, or the messages of a chat. */
export const textOrMessages = z.union([z.string(), z.array(message)]);

function jsonOf(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'a tool call is not JSON' });
    return z.NEVER;
  }
}

/** The response in a chat: what the assistant wrote, its calls as searches, what tools answered as their results. */
export function spansOfMessages(messages: readonly Message[]): readonly Span[] {
  const spans: Span[] = [];
  const add = (span: Span): void => {
    // Parts stand on lines of their own, as messages do.
    const before = spans.at(-1);
    const apart = before !== undefined && !before.text.endsWith('\n') ? '\n' : '';
    spans.push({ ...span, text: apart + span.text });
  };
  for (const { role, content, tool_calls: calls } of messages) {
    const text = content ?? '';
    if (role === 'assistant') {
      if (text.trim() !== '') spansOf(text).forEach(add);
      for (const { function: called } of calls ?? []) add(callSpan(called.name, called.arguments));
    } else if (text.trim() !== '') {
      add({ kind: 'result', text, inner: text.trim(), closed: true, generated: false });
    }
  }
  return spans;
}

function callSpan(name: string, args: unknown): Span {
  const query = queryOf(args);
  const text = `${name}: ${query}`;
  return { kind: 'search', text, inner: query, closed: true, generated: true };
}

/** The one text among a call's arguments, else all of them as they stand; they are not always valid JSON. */
function queryOf(args: unknown): string {
  let value = args;
  if (typeof args === 'string') {
    try {
      value = JSON.parse(args);
    } catch {
      return args;
    }
  }
  if (typeof value === 'object' && value !== null) {
    const texts: readonly unknown[] = Object.values(value);
    const [only] = texts;
    if (texts.length === 1 && typeof only === 'string') return only;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A prompt as text, and its last question. */
export function promptOf(prompt: z.infer<typeof textOrMessages>): {
  readonly text: string;
  readonly last: string;
} {
  if (typeof prompt === 'string') return { text: prompt, last: prompt };
  const texts = prompt.map(({ content }) => content ?? '');
  const asked = prompt.findLast(({ role }) => role === 'user')?.content;
  return { text: texts.join('\n'), last: asked ?? texts.at(-1) ?? '' };
}

/** The response of a completion: messages, or text with tags. */
export const spansOfCompletion = (completion: z.infer<typeof textOrMessages>): readonly Span[] =>
  typeof completion === 'string' ? spansOf(completion) : spansOfMessages(completion);
