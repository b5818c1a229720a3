import type { CSSProperties } from 'react';
import styles from './Group.module.css';

interface ComingGroupsProps {
  readonly questions: number;
  readonly groupSize: number;
}

/** The place of the first batch until it is rolled out: as high as its groups, so that they move nothing. */
export function ComingGroups({ questions, groupSize }: ComingGroupsProps) {
  const rows: CSSProperties & Record<'--rollouts', number> = { '--rollouts': groupSize };
  return (
    <div style={rows}>
      {Array.from({ length: questions }, (_, i) => (
        <p key={i} className={styles.coming}>
          {i === 0 && 'The groups of the first update stand here once all of them are rolled out.'}
        </p>
      ))}
    </div>
  );
}
