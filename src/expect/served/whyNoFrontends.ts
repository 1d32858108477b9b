import type { Service } from '../../model/kubernetes.ts';
import type { LbConfig } from '../lb/LbConfig.ts';
import { wholeRefusal } from '../lb/serviceClaims.ts';
import { behaviourOf } from '../lb/versionGates.ts';
import { whyWords } from './whyWords.ts';

/**
 * Why a Service asks a node for no frontend, as a sentence without its end.
 * @param labels of the node
 */
export function whyNoFrontends(service: Service, labels: Readonly<Record<string, string>>, config: LbConfig): string {
  if (service.spec?.type === 'ExternalName') return whyWords({ kind: 'externalName' });
  const whole = wholeRefusal(service, { config, behaviour: behaviourOf(config.version), node: { labels } });
  if (whole !== undefined) return whyWords(whole);
  if ((service.spec?.ports ?? []).length === 0) return 'it has no ports';
  return `none of its addresses is of a family that the agent serves (${[...config.families].join(', ') || 'none'})`;
}
