import { valueOf } from '../../model/Fact.ts';
import type { Service } from '../../model/kubernetes.ts';
import type { NodeSnapshot, Snapshot } from '../../model/Snapshot.ts';
import { agentConfigIn } from '../agent/AgentConfig.ts';
import { lbConfigOf } from './LbConfig.ts';
import { isExposedOn, isForCilium, isHeadless } from './serviceClaims.ts';

/** Why a Service asks a node for no frontend, as a sentence without its end. */
export function whyNoFrontends(service: Service, node: NodeSnapshot, snapshot: Snapshot): string {
  if (service.spec?.type === 'ExternalName') return 'an ExternalName: DNS answers with a name, and nothing is balanced';
  if (isHeadless(service)) return 'headless: DNS answers with the backends’ addresses, and nothing is balanced';
  const agent = agentConfigIn(snapshot, node);
  if ('missing' in agent) return `not known: ${agent.detail}`;
  const config = lbConfigOf(agent);
  if (!isForCilium(service, config))
    return 'the label service.kubernetes.io/service-proxy-name leaves it to another proxy';
  const labels =
    valueOf(snapshot.facts.nodes)?.find(({ metadata }) => metadata.name === node.name)?.metadata.labels ?? {};
  if (!isExposedOn(service, labels))
    return 'an annotation (service.cilium.io/node or node-selector) keeps it off this node';
  if ((service.spec?.ports ?? []).length === 0) return 'it has no ports';
  return `none of its addresses is of a family that the agent serves (${[...config.families].join(', ') || 'none'})`;
}
