import { loadHfTokenizer } from '../../../src/text/hfTokenizer.ts';
import type { HfTokenizer } from '../../../src/text/hfTokenizer.ts';
import { trainBpe } from '../../../src/text/bpeTrainer.ts';
import { makeTokenizerConfig } from '../../../src/text/tokenizerJson.ts';
import type { TokenizerJson } from '../../../src/text/tokenizerJson.ts';

export const ADDED = [
  '<|end|>',
  '<|user|>',
  '<|assistant|>',
  '<search>',
  '</search>',
  '<result>',
  '</result>',
  '\\boxed{',
];

export const TEXTS = [
  '<|user|> Who wrote Cholwis?<|assistant|><search> Cholwis author</search><result> Cholwis (book). Cholwis is a book by Mara Tolven.</result>',
  'Mara Tolven was born in Dresk. The capital of Velmonia is Dresk. Él vive en Öland — 東京 is not here.',
  'The film Cholwis was directed by Ivo Kest; its language is Velmonian.',
];

export function trainNano(): { json: TokenizerJson; tokenizer: HfTokenizer } {
  const json = trainBpe(TEXTS, { vocabularySize: 360, addedTokens: ADDED });
  return {
    json,
    tokenizer: loadHfTokenizer(JSON.parse(JSON.stringify(json)), makeTokenizerConfig('<|end|>')),
  };
}
