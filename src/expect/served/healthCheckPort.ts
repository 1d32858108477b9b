import type { Service } from '../../model/kubernetes.ts';

/**
 * The port at which the load balancers of a Service ask whether a node has backends; 0: nobody asks. Agents answer for
 * these alone.
 */
export const healthCheckPort = ({ spec }: Service): number =>
  spec?.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' ? (spec.healthCheckNodePort ?? 0) : 0;
