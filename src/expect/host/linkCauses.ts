import { defineNodeDerived } from '../../core/Derived.ts';
import type { NodeView } from '../../core/View.ts';
import { isKnown, valueOf } from '../../model/Fact.ts';
import type { NetworkInterface } from '../../model/NodeFacts.ts';
import { allStretches, type CauseOf, type HostJudgement, stretches } from './HostCause.ts';

export type LinkCause = 'linkDown' | 'tunnelDown' | 'deviceDown';

/** Links that Cilium makes and needs; what encapsulates or encrypts is there in some of its modes. */
const own: ReadonlySet<string> = new Set(['cilium_host', 'cilium_net']);
const tunnel = /^cilium_(?:vxlan|geneve|wg0)$/;

type Node = NodeView<never, 'interfaces' | 'status'>;

/** Links that Cilium makes, or serves, which are down. Of one that is gone its routes tell. */
export const linkCauses = defineNodeDerived({
  name: 'linkCauses',
  optional: { node: ['interfaces', 'status'] },
  compute:
    () =>
    (node): HostJudgement<LinkCause> => {
      const { interfaces } = node.facts;
      if (!isKnown(interfaces)) return { kind: 'unknown', why: interfaces };
      const down = interfaces.value.filter(({ up }) => !up);
      return { kind: 'judged', causes: down.flatMap((link) => causeOf(node, link)) };
    },
});

function causeOf(node: Node, link: NetworkInterface): CauseOf<LinkCause>[] {
  const { name } = link;
  const evidence = node.evidence('interfaces', [name, 'DOWN', ...link.addresses].join(' '));
  const about = { what: `${name}, which is down`, params: { link: name }, evidence };
  if (own.has(name)) return [{ ...about, kind: 'linkDown', breaks: allStretches }];
  if (tunnel.test(name)) return [{ ...about, kind: 'tunnelDown', breaks: stretches('toOtherPods', 'fromOtherNodes') }];
  const devices = valueOf(node.facts.status)?.kpr?.devices ?? [];
  return devices.some((device) => device.name === name)
    ? [{ ...about, kind: 'deviceDown', breaks: stretches('toOtherPods', 'fromOtherNodes', 'outside') }]
    : [];
}
