import { Button } from '../components/Button.tsx';
import { saveFile } from '../components/saveFile.ts';
import type { KeptUpdate } from '../store/labState.ts';
import { writeTraces } from '../../traces/jsonl.ts';

/** The traces of the update on the screen as a file, one a line. */
export function ExportButton({ update }: { readonly update: KeptUpdate | undefined }) {
  return (
    <Button
      look="quiet"
      disabled={update === undefined}
      onClick={() => {
        if (update === undefined) return;
        const traces = update.groups.flatMap((group) => group.traces);
        saveFile(`update-${update.step}.jsonl`, writeTraces(traces), 'application/jsonl');
      }}
    >
      Export traces
    </Button>
  );
}
