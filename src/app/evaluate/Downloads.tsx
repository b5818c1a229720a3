import { Button } from '../components/Button.tsx';
import { saveFile } from '../components/saveFile.ts';
import { writeTraces } from '../../traces/jsonl.ts';
import type { EvaluationState } from '../store/evaluationState.ts';
import { rowsAsCsv } from './csv.ts';

/** The table as files: rows as CSV or JSON, rollouts as JSON lines. */
export function Downloads({ evaluation }: { readonly evaluation: EvaluationState }) {
  const { plan, cells } = evaluation;
  const rows = cells.map(({ row }) => row);
  return (
    <span>
      <Button look="quiet" onClick={() => saveFile('evaluation.csv', rowsAsCsv(rows), 'text/csv')}>
        CSV
      </Button>
      <Button
        look="quiet"
        onClick={() =>
          saveFile('evaluation.json', `${JSON.stringify({ plan, rows }, null, 1)}\n`, 'application/json')
        }
      >
        JSON
      </Button>
      <Button
        look="quiet"
        onClick={() =>
          saveFile(
            'evaluation.jsonl',
            writeTraces(cells.flatMap(({ traces }) => traces)),
            'application/jsonl',
          )
        }
      >
        Rollouts
      </Button>
    </span>
  );
}
