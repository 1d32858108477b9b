import type { Pod } from '../../model/kubernetes.ts';
import type { PortRange } from '../agent/AgentSettings.ts';

/** The NodePorts that the API server hands out, and what says so. */
export interface ApiServerRange {
  readonly range: PortRange;
  /** e.g. `30000-32767` */
  readonly text: string;
  readonly seen: string;
  readonly pod: { readonly namespace: string; readonly name: string };
}

/** As one of its pods was told; where it runs outside of pods, nothing is known. */
export function apiServerRange(pods: readonly Pod[]): ApiServerRange | undefined {
  for (const { metadata, spec } of pods) {
    const words = (spec?.containers ?? [])
      .filter(({ name }) => name === 'kube-apiserver')
      .flatMap(({ command = [], args = [] }) => command.concat(args));
    const seen = words.find((word) => word.startsWith('--service-node-port-range='));
    const [min, max] = (seen?.match(/\d+/g) ?? []).map(Number);
    if (seen === undefined || min === undefined || max === undefined) continue;
    const pod = { namespace: metadata.namespace ?? '', name: metadata.name };
    return { range: { min, max }, text: `${min}-${max}`, seen, pod };
  }
  return undefined;
}
