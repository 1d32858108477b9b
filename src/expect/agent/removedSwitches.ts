import type { RawSettings } from '../../model/RawSettings.ts';
import { parseGoBool } from './parseGoBool.ts';

/** A switch of one feature that does nothing since 1.19, with the frontends that it was for. */
export interface RemovedSwitch {
  readonly key: string;
  readonly features: readonly ('NodePort' | 'LoadBalancer' | 'ExternalIPs' | 'HostPort')[];
}

/** Up to 1.18 each worked, at least in part, without the rest of the replacement (cilium: pkg/kpr/kpr.go). */
const switches: readonly RemovedSwitch[] = [
  { key: 'enable-node-port', features: ['NodePort', 'LoadBalancer'] },
  { key: 'enable-host-port', features: ['HostPort'] },
  { key: 'enable-external-ips', features: ['ExternalIPs'] },
];

/** Those that somebody turned on. */
export const removedSwitches = ({ byKey }: RawSettings): readonly RemovedSwitch[] =>
  switches.filter(({ key }) => parseGoBool(byKey.get(key) ?? '') === true);
