import { KprError, usageError } from '../core/KprError.ts';
import { isKnown } from '../model/Fact.ts';
import type { Service, ServicePort } from '../model/kubernetes.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { listNames } from '../text/names.ts';
import { suggest } from '../text/suggest.ts';

/** Throws KprError when there is no such Service, with the names that were probably meant. */
export function findService(
  { facts, malformed, origin }: Snapshot,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Service {
  const { services } = facts;
  if (!isKnown(services))
    throw new KprError(
      `The Services can't be read: ${services.detail}`,
      origin.kind === 'live'
        ? 'kubectl auth can-i list services --all-namespaces must say yes'
        : 'Look at the cluster itself, or at an archive that holds its Services',
    );
  const found = services.value.find(
    ({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace,
  );
  if (found !== undefined) return found;
  const damaged = malformed.find((one) => one.document === 'services' && one.object === `${namespace}/${name}`);
  if (damaged !== undefined)
    throw new KprError(
      `The Service ${namespace}/${name} can't be understood: ${damaged.why}`,
      'kubectl get it with -o yaml',
    );
  throw usageError(
    `There is no Service ${name} in namespace ${namespace}${meant(services.value, namespace, name)}`,
    'kubectl get services -A lists them all',
  );
}

function meant(services: readonly Service[], namespace: string, name: string): string {
  const elsewhere = services
    .filter(({ metadata }) => metadata.name === name)
    .map(({ metadata }) => `${metadata.namespace ?? ''}/${name}`);
  if (elsewhere.length > 0) return `; there is ${listNames(elsewhere)}`;
  const here = services.filter(({ metadata }) => metadata.namespace === namespace).map(({ metadata }) => metadata.name);
  const near =
    suggest(name, here) ??
    suggest(
      `${namespace}/${name}`,
      services.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`),
    );
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/**
 * A port by its number (with or without `/UDP`), its name, or its node port. Throws KprError when the Service
 * has none such.
 */
export function findPort({ metadata, spec }: Service, text: string): ServicePort {
  const [wanted = '', protocol] = text.split('/');
  const ports = spec?.ports ?? [];
  const fits = ports.filter(
    ({ name, port, nodePort, protocol: own }) =>
      (name === wanted || String(port) === wanted || (nodePort !== undefined && String(nodePort) === wanted)) &&
      (protocol === undefined || protocol.toUpperCase() === (own ?? 'TCP')),
  );
  const [first] = fits;
  if (first !== undefined && fits.length === 1) return first;
  const all = ports.map(
    ({ name, port, protocol: own }) => `${port}/${own ?? 'TCP'}${name === undefined ? '' : ` (${name})`}`,
  );
  throw usageError(
    fits.length === 0
      ? `The Service ${metadata.name} has no port ${text}`
      : `The Service ${metadata.name} has several ports ${text}`,
    all.length === 0 ? 'It has no ports at all' : `It has ${listNames(all, true)}`,
  );
}
