import { ablationTable, collapse } from './changeSections.ts';
import { percent, table } from './markdown.ts';
import { hopsTable, mainTable, margins, searching } from './methodSections.ts';
import type { StudyResults } from './results.ts';
import { mean } from './statistics.ts';

/** The whole of docs/reproduction.md. */
export function reportOf(results: StudyResults): string {
  return [
    intro(results),
    mainTable(results),
    margins(results),
    hopsTable(results),
    searching(results),
    collapse(results),
    ablationTable(results),
    sampleTable(results),
  ].join('\n\n');
}

function intro({ command, n, pages, seeds, training }: StudyResults): string {
  const seconds = mean(training.map((run) => run.seconds));
  return [
    '# The study',
    `Tables and plots are written by this command from what its runs measured; the sentences around them are typed:`,
    `\`\`\`\n${command}\n\`\`\``,
    `The nano policy is trained by GRPO with the recipe \`study\` on questions of MuSiQue’s shape alone, once for each of the seeds ${seeds.join(', ')} (${seconds.toFixed(0)} s a run, its two evaluations included). Each is asked ${String(n)} questions of each set’s shape in a world of its own, of ${String(pages)} pages, that no training and no prior has met; the prompt baselines and the untrained policy are asked the same questions there, with the same retriever. All answers are greedy. An interval is Student’s 95 % interval over the seeds: it holds what the training, the world and the questions do. What the untrained policy has seen is printed on the page and in \`src/research/priorMixture.ts\`.`,
    'The baselines are asked of the untrained policy, as the paper asks them of models before its training. That policy is unskilled on purpose, also in their forms: three in ten of those transcripts of its prior reason to the end, and greedily it follows the other seven. So the margins below say what the reward adds to this policy, not what prompting is worth with an able one.',
  ].join('\n\n');
}

function sampleTable({ samples }: StudyResults): string {
  if (samples.length === 0) return '## Real files\n\nNone were given to this run (`--samples`).';
  const rows = samples.flatMap(({ file, evaluated }) =>
    evaluated.rows.map((row) => [
      file.split('/').pop() ?? file,
      `${String(evaluated.file?.questions ?? row.n)} of ${String(evaluated.file?.rows ?? row.n)}`,
      row.method,
      percent(row.em),
      percent(row.f1),
      row.searches.toFixed(2),
    ]),
  );
  return [
    '## Real files',
    'A few real rows of each set, with their own paragraphs as the corpus (`npm run -s cli -- evaluate --questions FILE`). The nano policy knows the English of its own worlds only: on pages of Wikipedia it copies names of unknown spelling badly, does not know the relations asked for, and the small embedding model has met none of these words.',
    table(['file', 'rows read', 'method', 'EM, %', 'F1, %', 'searches'], rows),
  ].join('\n\n');
}
