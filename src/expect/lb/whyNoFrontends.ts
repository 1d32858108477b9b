import type { Service } from '../../model/kubernetes.ts';
import type { LbConfig } from './LbConfig.ts';
import { isExposedOn, isForCilium, isHeadless } from './serviceClaims.ts';

/**
 * Why a Service asks a node for no frontend, as a sentence without its end.
 * @param labels of the node
 */
export function whyNoFrontends(service: Service, labels: Readonly<Record<string, string>>, config: LbConfig): string {
  if (service.spec?.type === 'ExternalName') return 'an ExternalName: DNS answers with a name, and nothing is balanced';
  if (isHeadless(service)) return 'headless: DNS answers with the backends’ addresses, and nothing is balanced';
  if (!isForCilium(service, config))
    return 'the label service.kubernetes.io/service-proxy-name leaves it to another proxy';
  if (!isExposedOn(service, labels))
    return 'an annotation (service.cilium.io/node or node-selector) keeps it off this node';
  if ((service.spec?.ports ?? []).length === 0) return 'it has no ports';
  return `none of its addresses is of a family that the agent serves (${[...config.families].join(', ') || 'none'})`;
}
