import type { GroupResult } from '../../lab/protocol.ts';
import type { Behaviour, Trace } from '../../traces/trace.ts';
import type { KeptUpdate } from '../store/labState.ts';

/** A rollout of an update and where it stands. */
export interface Placed {
  readonly group: GroupResult;
  /** Place in its group. */
  readonly rollout: number;
  readonly trace: Trace;
}

export const rolloutsOf = ({ groups }: KeptUpdate): Placed[] =>
  groups.flatMap((group) => group.traces.map((trace, rollout) => ({ group, rollout, trace })));

/** The update's rollouts that show a behaviour, in their order. */
export const showing = (update: KeptUpdate, name: Behaviour): Placed[] =>
  rolloutsOf(update).filter(({ trace }) => trace.behaviours?.includes(name) === true);
