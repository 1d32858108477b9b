import type { ObjectRef } from '../../src/core/Finding.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import { listFirst } from '../../src/text/names.ts';

/** The first three, and how many more. */
export const listed = (names: readonly string[]): string => listFirst(names, 3);

/** `namespace/name` of each once, in the order of names. */
export const serviceNames = (services: readonly Service[]): readonly string[] =>
  [...new Set(services.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))].sort();

export function serviceRefs(services: readonly Service[]): readonly ObjectRef[] {
  const byName = new Map(services.map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata]));
  return [...byName.values()].map(({ namespace = '', name }) => ({ kind: 'Service', namespace, name }));
}
