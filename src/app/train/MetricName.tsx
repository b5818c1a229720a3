import { Explained } from '../components/Explained.tsx';
import type { Metric } from '../components/metrics.ts';

/** The name of a learning curve, which explains itself. */
export function MetricName({ metric }: { readonly metric: Metric }) {
  const { label, unit, about, look } = metric;
  return <Explained text={{ name: label, unit, means: about, look }}>{label}</Explained>;
}
