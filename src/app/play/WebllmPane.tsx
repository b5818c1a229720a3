import { Button } from '../components/Button.tsx';
import { openWebllmTraces } from '../components/openWebllmTraces.ts';
import { hrefTo } from '../routing/hashLocation.ts';
import { useApp } from '../store/store.ts';
import { stopWebllm } from '../worker/webllm.ts';
import { Pane } from './Pane.tsx';
import styles from './Panes.module.css';

/** What the model that web-llm runs answers to the same question, with the same passages to search. */
export default function WebllmPane({ scale }: { readonly scale: number }) {
  const webllm = useApp((state) => state.lab.webllm);
  const asked = useApp((state) => state.asked?.webllm);
  const play = useApp((state) => (asked === undefined ? undefined : state.lab.plays[asked.id]));
  const notice = useApp((state) =>
    state.lab.notices.findLast(({ id }) => id !== undefined && id === asked?.id),
  );
  const stopped = useApp((state) => asked !== undefined && state.lab.cancelled.includes(asked.id));
  const loaded = webllm.status === 'ready' ? webllm.model : undefined;
  const model = asked?.model ?? loaded;
  if (model === undefined) return null;
  const writing = asked !== undefined && play?.done !== true && notice === undefined && !stopped;
  return (
    <div className={styles.larger}>
      <Pane
        title="web-llm"
        about={`${model}, as it was published`}
        trace={play?.trace}
        streaming={play !== undefined && writing}
        scale={Math.max(scale, play?.trace.tokens.ids.length ?? 0)}
        waiting={waiting(asked !== undefined, stopped, notice?.message)}
        problem={notice?.message}
      />
      <p className={styles.foot}>
        {asked !== undefined && writing && <Button onClick={() => stopWebllm(asked.id)}>Stop web-llm</Button>}
        {play !== undefined && !writing && (
          <Button look="quiet" onClick={() => openWebllmTraces(`web-llm: ${model}`, [play.trace])}>
            Open in Rollouts
          </Button>
        )}
        <a href={hrefTo('/models')}>{loaded === undefined ? 'It is unloaded' : 'Unload it under Models'}</a>
      </p>
      <p className={styles.hint}>
        Told to search by the paper’s prompt and never rewarded for it. web-llm tells pieces of text without
        chances: no colours, no other tokens to try.
      </p>
    </div>
  );
}

function waiting(asked: boolean, stopped: boolean, problem: string | undefined) {
  if (problem !== undefined) return <span role="alert">{problem}</span>;
  if (!asked) return 'It answers beside the others when you ask.';
  return stopped ? 'Stopped before its first word.' : 'Reading the question…';
}
