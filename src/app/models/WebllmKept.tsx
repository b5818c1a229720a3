import type { ModelRecord } from '@mlc-ai/web-llm';
import { useEffect, useState } from 'react';
import { countKept, forgetKept, isDropped } from '../../policy/webllmFolder.ts';
import { Button } from '../components/Button.tsx';
import { counted } from '../components/format.ts';
import { useApp } from '../store/store.ts';

/** What the browser keeps of a model from an earlier load, and the way to be rid of it. */
export function WebllmKept({ record }: { readonly record: ModelRecord }) {
  // A load that has ended, in whatever way, has kept something.
  const status = useApp((state) => state.lab.webllm.status);
  const [deletions, setDeletions] = useState(0);
  const [kept, setKept] = useState(0);
  const { model, model_id, model_lib } = record;
  useEffect(() => {
    let gone = false;
    // Pages that came over plain http have no caches.
    if (!isSecureContext) return;
    void countKept({ model, model_id, model_lib }, caches).then((count) => gone || setKept(count));
    return () => {
      gone = true;
    };
  }, [model, model_id, model_lib, status, deletions]);
  if (kept === 0 || isDropped(record)) return null;
  return (
    <li>
      This browser keeps {counted(kept, 'file', 'files')} of it.{' '}
      <Button
        look="quiet"
        disabled={status === 'loading'}
        onClick={() => void forgetKept(record, caches).then(() => setDeletions((count) => count + 1))}
      >
        Delete them
      </Button>
    </li>
  );
}
