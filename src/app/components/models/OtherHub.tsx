import { useId, useState } from 'react';
import { parseHub } from '../../../lab/modelStore/hub.ts';
import { hubTokens, rememberTokens, setHubToken, tokensRemembered } from '../../worker/hubTokens.ts';
import styles from './OtherHub.module.css';

interface OtherHubProps {
  readonly hub: string;
  readonly onHub: (hub: string) => void;
}

/** Where repositories are looked up, and an access token for it: for gated and private ones. */
export function OtherHub({ hub, onHub }: OtherHubProps) {
  const about = useId();
  const origin = originOf(hub);
  const [tokens, setTokens] = useState(hubTokens);
  const [remembered, setRemembered] = useState(tokensRemembered);
  return (
    <details className={styles.other}>
      <summary>A gated or private repository, or another hub</summary>
      <label>
        Address of a mirror
        <input
          type="url"
          value={hub}
          placeholder="https://huggingface.co"
          onChange={(event) => onHub(event.target.value)}
        />
      </label>
      {origin !== undefined && (
        <>
          <label>
            Access token for {new URL(origin).host}
            <input
              type="password"
              value={tokens[origin] ?? ''}
              placeholder="hf_…"
              autoComplete="off"
              spellCheck={false}
              aria-describedby={about}
              onChange={(event) => {
                setHubToken(origin, event.target.value.trim());
                setTokens(hubTokens());
              }}
            />
          </label>
          <label className={styles.check}>
            <input
              type="checkbox"
              checked={remembered}
              onChange={(event) => setRemembered(rememberTokens(event.target.checked))}
            />
            Keep it until this tab is closed
          </label>
          <p id={about}>
            It is sent to this host alone, and written to no file and no link; unless the box is ticked, a
            reload forgets it. A read-only token is enough.
          </p>
        </>
      )}
    </details>
  );
}

/** Undefined while the address is none. */
function originOf(hub: string): string | undefined {
  try {
    return new URL(parseHub(hub)).origin;
  } catch {
    return undefined;
  }
}
