import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, pass } from '../../src/core/Outcome.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { isAtLeast, parseVersion } from '../../src/knowledge/version.ts';
import { isKnown, valueOf, whyOfNobody } from '../../src/model/Fact.ts';
import { kpr6004 } from './problems/KPR6004.ts';

/** What `sock_diag` needs to close a socket of UDP (cilium: pkg/datapath/sockets). */
const needed = ['CONFIG_INET_DIAG', 'CONFIG_INET_UDP_DIAG', 'CONFIG_INET_DIAG_DESTROY'] as const;
/** From these on Cilium closes them by an eBPF iterator instead, which such a kernel has (bpf_sock_destroy). */
const byIterator = { cilium: '1.19.0', kernel: '6.5.0' } as const;

/**
 * A client that connected its socket to a Service keeps the backend that was chosen then. When that is gone, the agent
 * closes the socket, if the kernel can: or a DNS client asks a server that is gone until it is restarted.
 */
export const staleSocketsClosable = defineCheck({
  id: 'stale-sockets-closable',
  title: 'Sockets to backends that are gone can be closed',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr6004],
  requires: { node: ['status'] },
  optional: { node: ['kernel', 'kernelOptions'] },
  uses: [agentConfigOnNode],
  run({ nodes }) {
    const isAsked = whyOfNobody(nodes.map(({ facts }) => facts.kernelOptions)) === undefined;
    return forEachNode(nodes, ({ name, facts, evidence, derived }): Outcome<'KPR6004'> => {
      const { status, kernelOptions, kernel } = facts;
      if (status.kpr?.socketLb !== true) return notApplicable('socket load balancing is off');
      const config = derived(agentConfigOnNode);
      const isLeft = !('missing' in config) && !config.settings.socketTermination.value;
      if (isLeft && !status.kpr.socketLbHostNamespaceOnly) {
        const about = { nodes: [name], evidence: [evidence('status', 'Socket LB: Enabled')] };
        return finding(kpr6004, 'switchedOff', {}, about);
      }
      const cilium = parseVersion(status.version);
      const linux = parseVersion(valueOf(kernel));
      const hasIterator = cilium !== undefined && isAtLeast(cilium, byIterator.cilium);
      if (hasIterator && linux !== undefined && isAtLeast(linux, byIterator.kernel)) return pass;
      if (!isKnown(kernelOptions)) {
        return kernelOptions.missing === 'absent' || !isAsked
          ? notApplicable('no kernel shows what it was built with')
          : inconclusive(kernelOptions);
      }
      const lacking = needed.filter((option) => !kernelOptions.value.has(option));
      if (lacking.length === 0) return pass;
      const seen = needed.map((option) => `${option} ${kernelOptions.value.get(option) ?? 'is not set'}`);
      return finding(
        kpr6004,
        'lacking',
        { options: lacking.join(', ') },
        { nodes: [name], evidence: [evidence('kernelOptions', seen.join('\n'))] },
      );
    });
  },
});
