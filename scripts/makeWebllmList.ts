/**
 * Writes src/policy/webllmList.json: the language models of web-llm's own list, so that the page can show them without
 * fetching web-llm (6 MB). Run after another version is installed: node --import tsx scripts/makeWebllmList.ts
 */
import { writeFileSync } from 'node:fs';
import { ModelType, prebuiltAppConfig } from '@mlc-ai/web-llm';
import { format } from 'prettier';

const models = prebuiltAppConfig.model_list.filter(({ model_type }) => model_type !== ModelType.embedding);
const path = 'src/policy/webllmList.json';
writeFileSync(path, await format(JSON.stringify(models), { parser: 'json', printWidth: 110 }));
console.log(`${path}: ${models.length} models`);
