import type { Tokenizer } from './tokenizer.ts';

/** How a question becomes the ids that a policy continues. */
export interface PromptFormat {
  readonly kind: 'nano' | 'chatml' | 'template';
  /** The question is untrusted text: whatever it says, it makes no special token. */
  build(question: string, tokenizer: Tokenizer): number[];
}

/** Added tokens of the nano policy's tokenizer, in the order of their ids. The first ends a response. */
export const NANO_TOKENS = [
  '<|end|>',
  '<|user|>',
  '<|assistant|>',
  '<think>',
  '</think>',
  '<search>',
  '</search>',
  '<result>',
  '</result>',
  '<answer>',
  '</answer>',
  '\\boxed{',
] as const;

/** The same prompt for transformers' `apply_chat_template` (goes in tokenizer_config.json). */
export const NANO_CHAT_TEMPLATE =
  "{% for m in messages %}{% if m['role'] == 'user' %}<|user|> {{ m['content'] }}" +
  "{% elif m['role'] == 'assistant' %}<|assistant|> {{ m['content'] }}<|end|>{% endif %}{% endfor %}" +
  '{% if add_generation_prompt %}<|assistant|>{% endif %}';

/**
 * System message for a chat model. The content is the paper's instruct template (arXiv 2503.19470, Table 1) in our
 * own words: think first, search when a fact is missing, tags, boxed answer, no worked example.
 */
export const SEARCH_SYSTEM_PROMPT = [
  'You are a careful assistant who answers a question step by step with the help of a Wikipedia search tool.',
  'Reason inside <think> and </think> before you answer.',
  'Whenever a fact is missing or unsure, write a search query inside <search> and </search>;',
  'the tool then puts the passages it found inside <result> and </result>, and you go on reasoning from them.',
  'Search as often as you need.',
  'When you know the answer, write it inside <answer> and </answer>, with the exact answer alone in \\boxed{}.',
  'The form is: <think> reasoning </think> <search> query </search> <result> passages </result>',
  '<think> reasoning </think> <answer> The answer is \\boxed{exact answer} </answer>.',
].join(' ');

/**
 * The same for a message of the user, nearer to the paper's sentences and with what stands between the tags spelled out:
 * very small chat models follow this where they do not follow a system message.
 */
export const SEARCH_USER_PROMPT = [
  'Answer the given question step by step with the help of a Wikipedia search tool.',
  'First think about the question, then give the answer.',
  'While you think, you can use the search tool to look up facts about specific topics.',
  'The reasoning and the answer are written within <think> </think> and <answer> </answer>,',
  'and a search query and its result within <search> </search> and <result> </result>.',
  'For example, <think> This is the reasoning. </think> <search> search query here </search>',
  '<result> search result here </result> <think> This is the reasoning. </think>',
  '<answer> The final answer is \\[ \\boxed{answer here} \\] </answer>.',
  'At the end of the answer, the exact answer alone is written within \\boxed{}.',
].join(' ');

/**
 * How a chat model is asked. `system`: the system message, the bare question as user, as the paper asks instruct models.
 * `begun`: task and question in one message of the user, as Search-R1 does, and the answer begun for it by `<think>`.
 */
export const promptStyles = ['system', 'begun'] as const;
export type PromptStyle = (typeof promptStyles)[number];

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  /** Untrusted: whatever it says, it makes no special token. */
  readonly content: string;
}

/** What a chat model reads before it answers. */
export const searchMessages = (question: string, style: PromptStyle): ChatMessage[] =>
  style === 'begun'
    ? [{ role: 'user', content: `${SEARCH_USER_PROMPT}\n\nQuestion: ${question.trim()}` }]
    : [
        { role: 'system', content: SEARCH_SYSTEM_PROMPT },
        { role: 'user', content: question.trim() },
      ];

function requireId(tokenizer: Tokenizer, token: string, format: string): number {
  const id = tokenizer.idOf(token);
  if (id === undefined) {
    throw new Error(
      `The ${format} prompt needs the token ${token}, which this tokenizer lacks. Choose the prompt format that the model was trained with.`,
    );
  }
  return id;
}

/** `<|user|> question<|assistant|>`: what the nano policy was trained on. */
export const nanoPrompt: PromptFormat = {
  kind: 'nano',
  build(question, tokenizer) {
    return [
      requireId(tokenizer, '<|user|>', 'nano'),
      ...tokenizer.encode(question.trim(), { plain: true }),
      requireId(tokenizer, '<|assistant|>', 'nano'),
    ];
  },
};

/** ChatML (Qwen, SmolLM2): the messages, and the assistant's turn opened. */
export const chatmlPrompt = (style: PromptStyle): PromptFormat => ({
  kind: 'chatml',
  build(question, tokenizer) {
    const start = requireId(tokenizer, '<|im_start|>', 'chatml');
    const end = requireId(tokenizer, '<|im_end|>', 'chatml');
    const plain = (text: string): number[] => tokenizer.encode(text, { plain: true });
    const turn = (role: string, content: string): number[] => [
      start,
      ...plain(`${role}\n`),
      ...tokenizer.encode(content, { plain: true }),
      end,
      ...plain('\n'),
    ];
    return [
      ...searchMessages(question, style).flatMap(({ role, content }) => turn(role, content)),
      start,
      ...plain('assistant\n'),
    ];
  },
});
