import type { Service } from '../../src/model/kubernetes.ts';

/** Of what people write who know other load balancers: the annotation by which affinity is asked for in vain. */
export const mistakenAffinity = ({ metadata, spec }: Service): string | undefined =>
  spec?.sessionAffinity === 'ClientIP'
    ? undefined
    : Object.keys(metadata.annotations ?? {}).find((key) => /(^|\/)session-?affinity$/i.test(key));
