import type { Family } from '../../model/lb/address.ts';
import type { AgentSettings } from './AgentSettings.ts';

/** Up to 1.18 an agent may serve NodePorts without the rest of the replacement. */
export const asksForNodePorts = ({ replacement, nodePort }: Pick<AgentSettings, 'replacement' | 'nodePort'>): boolean =>
  replacement.value === 'on' || nodePort.value;

/** The replacement brings socket load balancing, which may be on without it. */
export const asksForSocketLb = ({ replacement, socketLb }: Pick<AgentSettings, 'replacement' | 'socketLb'>): boolean =>
  replacement.value === 'on' || socketLb.value;

/** Whether an agent is to answer on the port of kube-proxy's health; without the replacement it does not. */
export const answersForKubeProxy = ({
  replacement,
  healthzBindAddress,
}: Pick<AgentSettings, 'replacement' | 'healthzBindAddress'>): boolean =>
  replacement.value === 'on' &&
  healthzBindAddress.value.endsWith(':10256') &&
  !isBoundToLoopback(healthzBindAddress.value);

/** Of an address with its port: nobody comes there but from the node itself. */
export const isBoundToLoopback = (bound: string): boolean => /^(127\.|\[::1\]:|localhost:)/.test(bound);

/** The families that an agent serves. */
export function familiesOf({ ipv4, ipv6 }: Pick<AgentSettings, 'ipv4' | 'ipv6'>): ReadonlySet<Family> {
  const families = new Set<Family>();
  if (ipv4.value) families.add('ipv4');
  if (ipv6.value) families.add('ipv6');
  return families;
}
