import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, passUnless } from '../../src/core/Outcome.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { optionsOnNode } from '../../src/expect/agent/optionsOnNode.ts';
import { parseGoBool } from '../../src/expect/agent/parseGoBool.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import { kpr7007 } from './problems/KPR7007.ts';

/**
 * What does nothing without the replacement (cilium: operator/pkg/gateway-api/cell.go, operator/pkg/ingress/cell.go,
 * Documentation/network/l2-announcements.rst). NodePorts by eBPF are enough for the first two, up to 1.18.
 */
const features = [
  { key: 'enable-gateway-api', feature: 'Gateway API', nodePortIsEnough: true },
  { key: 'enable-ingress-controller', feature: 'the Ingress controller', nodePortIsEnough: true },
  { key: 'enable-l2-announcements', feature: 'L2 announcements', nodePortIsEnough: false },
] as const;

export const featuresWithoutReplacement = defineCheck({
  id: 'features-without-replacement',
  title: 'No feature is on that needs kube-proxy replacement where that is off, or about to be',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr7007],
  uses: [agentConfigOnNode, optionsOnNode, replacementOnNode],
  run: ({ frame, nodes }) =>
    forEachNode(nodes, (node): Outcome<'KPR7007'> => {
      const replacement = node.derived(replacementOnNode);
      if (typeof replacement === 'object') return inconclusive(replacement);
      const change = frame.intent?.change;
      // What the change itself turns on is no fault of what is there.
      if (change === 'enable' || (replacement === 'on' && change !== 'rollback'))
        return notApplicable('kube-proxy replacement is on, and stays so');
      const [options, config] = [node.derived(optionsOnNode), node.derived(agentConfigOnNode)];
      if ('missing' in options) return inconclusive(options);
      if ('missing' in config) return inconclusive(config);
      const hasNodePort = config.settings.nodePort.value;
      return passUnless(
        features
          .filter(({ key, nodePortIsEnough }) => !(nodePortIsEnough && hasNodePort) && isOn(options(key)?.text))
          .map(({ feature, key }): Finding<'KPR7007'> =>
            finding(kpr7007, replacement === 'on' ? 'aboutToBeOff' : 'off', { feature, key }, { nodes: [node.name] }),
          ),
      );
    }),
});

const isOn = (text: string | undefined): boolean => text !== undefined && parseGoBool(text) === true;
