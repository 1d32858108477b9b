import { defineNodeDerived } from '../../core/Derived.ts';
import type { NodeView } from '../../core/View.ts';
import { isKnown, type Missing, valueOf } from '../../model/Fact.ts';
import { agentConfigOnNode } from '../agent/agentConfigOnNode.ts';
import { familiesOf } from '../agent/combinedSettings.ts';
import { allStretches, type CauseOf, type HostJudgement, stretches } from './HostCause.ts';

export type KernelCause = 'forwardingOff' | 'linkForwardingOff' | 'podForwardingOff' | 'reverseFilter';
type Node = NodeView<never, 'sysctls' | 'status', never, typeof agentConfigOnNode>;
type Settings = ReadonlyMap<string, string>;

/**
 * Settings of the kernel under which it drops what pods send or get. They are asked where packets of pods pass the
 * host's own routing; past it, by eBPF from link to link, nobody asks them (agents say `Host: BPF` or `Host: Legacy`).
 */
export const kernelCauses = defineNodeDerived({
  name: 'kernelCauses',
  optional: { node: ['sysctls', 'status'] },
  uses: [agentConfigOnNode],
  compute:
    () =>
    (node): HostJudgement<KernelCause> => {
      const { sysctls } = node.facts;
      if (!isKnown(sysctls)) return { kind: 'unknown', why: sysctls };
      const routing = valueOf(node.facts.status)?.routing;
      if (routing?.intraHost === 'BPF')
        return { kind: 'notApplicable', reason: 'packets of pods do not pass the host’s own routing' };
      const unread = ['net.ipv4.ip_forward', 'net.ipv4.conf.all.rp_filter'].find((name) => !sysctls.value.has(name));
      if (unread !== undefined) return { kind: 'unknown', why: notRead(unread) };
      const causes = [
        ...forwarding(node, sysctls.value, routing?.interHost),
        ...linkForwarding(node, sysctls.value),
        ...podForwarding(node, sysctls.value),
        ...reverseFilter(node, sysctls.value),
      ];
      return { kind: 'judged', causes };
    },
});

/** Captures of older versions have two other settings, and nothing else. */
const notRead = (name: string): Missing => ({ missing: 'notCollected', detail: `${name} was not read` });

function forwarding(node: Node, sysctls: Settings, interHost = 'Tunnel'): CauseOf<'forwardingOff'>[] {
  const config = node.derived(agentConfigOnNode);
  const families = 'missing' in config ? new Set(['ipv4']) : familiesOf(config.settings);
  // What comes through the tunnel goes to its pod past the host.
  const breaks = interHost === 'Tunnel' ? stretches('outside') : stretches('outside', 'toOtherPods', 'fromOtherNodes');
  return (
    [
      ['ipv4', 'net.ipv4.ip_forward', 'IPv4'],
      ['ipv6', 'net.ipv6.conf.all.forwarding', 'IPv6'],
    ] as const
  ).flatMap(([family, setting, name]): CauseOf<'forwardingOff'>[] =>
    families.has(family) && sysctls.get(setting) === '0'
      ? [
          {
            kind: 'forwardingOff',
            what: `${setting}, which is 0`,
            breaks,
            family,
            params: { setting, family: name },
            evidence: node.evidence('sysctls', `${setting} = 0`),
          },
        ]
      : [],
  );
}

/**
 * IPv4 alone has it for each link by which packets come in; of IPv6 only that of all links counts (linux: ip_forward,
 * ip6_forward). Where it is off for all, that is told.
 */
function linkForwarding(node: Node, sysctls: Settings): CauseOf<'linkForwardingOff'>[] {
  if (sysctls.get('net.ipv4.ip_forward') === '0') return [];
  const devices = new Set(valueOf(node.facts.status)?.kpr?.devices.map(({ name }) => name));
  return [...sysctls].flatMap(([setting, value]): CauseOf<'linkForwardingOff'>[] => {
    const link = /^net\.ipv4\.conf\.(.+)\.forwarding$/.exec(setting)?.[1];
    if (value !== '0' || link === undefined || !(devices.has(link) || tunnel.test(link))) return [];
    return [
      {
        kind: 'linkForwardingOff',
        what: `${setting}, which is 0`,
        breaks: stretches('outside'),
        family: 'ipv4',
        params: { setting, link },
        evidence: node.evidence('sysctls', `${setting} = 0`),
      },
    ];
  });
}

/** By them come answers of pods to clients outside, and what pods ask there. New ones have what is set as default. */
function podForwarding(node: Node, sysctls: Settings): CauseOf<'podForwardingOff'>[] {
  if (sysctls.get('net.ipv4.ip_forward') === '0') return [];
  const off = [...sysctls].filter(
    ([name, value]) => value === '0' && /^net\.ipv4\.conf\.lxc.*\.forwarding$/.test(name),
  );
  if (off.length === 0) return [];
  return [
    {
      kind: 'podForwardingOff',
      what: 'forwarding of links of pods, which is 0',
      breaks: stretches('outside'),
      family: 'ipv4',
      params: {},
      evidence: node.evidence(
        'sysctls',
        off
          .slice(0, 4)
          .map(([name]) => `${name} = 0`)
          .join('\n'),
      ),
    },
  ];
}

/** By it answers to clients outside come from pods of other nodes. */
const tunnel = /^cilium_(?:vxlan|geneve)$/;

/** The kernel takes the greater of all and the link's own (linux: IN_DEV_RPFILTER); 2 is loose, and does no harm. */
function reverseFilter(node: Node, sysctls: Settings): CauseOf<'reverseFilter'>[] {
  const ofAll = 'net.ipv4.conf.all.rp_filter';
  const all = Number(sysctls.get(ofAll));
  const ofPods = [...sysctls].filter(([name, value]) => ofPodLink.test(name) && Math.max(all, Number(value)) === 1);
  if (all !== 1 && ofPods.length === 0) return [];
  const seen = [...(all === 1 ? [`${ofAll} = 1`] : []), ...ofPods.map(([name, value]) => `${name} = ${value}`)];
  return [
    {
      kind: 'reverseFilter',
      what: 'rp_filter, which is 1',
      breaks: allStretches,
      family: 'ipv4',
      // Links of pods have names that say nothing, and differ by node.
      params: { links: all === 1 ? 'all links' : 'links of pods' },
      evidence: node.evidence('sysctls', seen.slice(0, 4).join('\n')),
    },
  ];
}

const ofPodLink = /^net\.ipv4\.conf\.lxc.*\.rp_filter$/;
