import type { Service } from '../../src/model/kubernetes.ts';

/** The addresses of the Service default/kubernetes. */
export function clusterIPsOf(services: readonly Service[]): readonly string[] {
  const spec = services.find(
    ({ metadata }) => metadata.namespace === 'default' && metadata.name === 'kubernetes',
  )?.spec;
  return spec?.clusterIPs ?? (spec?.clusterIP === undefined ? [] : [spec.clusterIP]);
}
