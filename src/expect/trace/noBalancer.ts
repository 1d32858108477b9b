import type { Service } from '../../model/kubernetes.ts';

/**
 * Why a Service of type LoadBalancer has no frontend of that type: nobody gave it an address, or one that is a name.
 * undefined: it has one, or is of another type.
 */
export function noBalancer({ spec, status }: Service): string | undefined {
  if (spec?.type !== 'LoadBalancer') return undefined;
  const given = status?.loadBalancer?.ingress ?? [];
  if (given.some(({ ip }) => (ip ?? '') !== '')) return undefined;
  if (given.length > 0)
    return 'it was given a name in place of an address, which whoever gave it serves, and not Cilium';
  const refused = status?.conditions?.find(({ type }) => type === 'cilium.io/IPAMRequestSatisfied');
  const why =
    refused?.status === 'False'
      ? `, because Cilium’s LB-IPAM has none: ${refused.message ?? refused.reason ?? ''}`
      : ' yet (<pending>); kubectl kpr doctor --check balancers-addressed says why, if it has had none for minutes';
  const nodePorts = (spec.ports ?? []).some(({ nodePort = 0 }) => nodePort !== 0);
  return `no address${why}; from outside ${nodePorts ? 'its NodePorts are what is left' : 'it has no NodePort either'}`;
}
