import type { ObjectRef } from '../../src/core/Finding.ts';
import type { Service } from '../../src/model/kubernetes.ts';

/** The first three, and how many more. */
export const listed = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');

/** `namespace/name` of each once, in the order of names. */
export const serviceNames = (services: readonly Service[]): readonly string[] =>
  [...new Set(services.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))].sort();

export const serviceRefs = (services: readonly Service[]): readonly ObjectRef[] => {
  const byName = new Map(services.map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata]));
  return [...byName.values()].map(({ namespace = '', name }) => ({ kind: 'Service', namespace, name }));
};
