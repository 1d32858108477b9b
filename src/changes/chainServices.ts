import type { ServicePortName } from '../expect/kube-proxy/chainHashes.ts';
import { perServiceHash } from '../knowledge/iptablesOwners.ts';
import type { IptablesRule, IptablesTable } from '../model/NodeFacts.ts';

/** `namespace/name` or `namespace/name:port` in what kube-proxy writes beside a rule. */
const serviceInComment = /(?:^|\s)([a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*(?::[a-z0-9-]+)?)(?=\s|$)/;

export const serviceOfComment = (comment: string | undefined): string | undefined =>
  comment === undefined ? undefined : serviceInComment.exec(comment)?.[1];

export const serviceText = ({ namespace, name, port }: ServicePortName): string =>
  `${namespace}/${name}${port === '' ? '' : `:${port}`}`;

/**
 * Which Service kube-proxy's chains are for: by the hash in their names, by the comments of their rules and of those
 * that lead to them, or (endpoints of large clusters, whose rules have none) by the chain that leads there.
 */
export function chainServices(
  tables: readonly IptablesTable[],
  hashes: ReadonlyMap<string, ServicePortName>,
): ReadonlyMap<string, string> {
  const services = new Map<string, string>();
  const chains = tables.filter(({ name }) => name === 'nat').flatMap((table) => table.chains);
  const note = (chain: string | undefined, service: string | undefined): void => {
    if (chain !== undefined && service !== undefined && perServiceHash(chain) !== undefined && !services.has(chain))
      services.set(chain, service);
  };
  for (const { name } of chains) {
    const port = hashes.get(perServiceHash(name) ?? '');
    if (port !== undefined) note(name, serviceText(port));
  }
  for (const { name, rules } of chains) {
    for (const { target, comment } of rules) {
      const service = serviceOfComment(comment);
      note(name, service);
      note(target, service);
    }
  }
  // KUBE-EXT leads to KUBE-SVC, and that to KUBE-SEP: two steps are all there are.
  for (let step = 0; step < 2; step++) {
    for (const { name, rules } of chains) for (const { target } of rules) note(target, services.get(name));
  }
  return services;
}

/** The Service that a rule of kube-proxy's is for; undefined: it is for all. */
export const serviceOfRule = (
  chain: string,
  { target, comment }: IptablesRule,
  services: ReadonlyMap<string, string>,
): string | undefined =>
  services.get(chain) ??
  services.get(target ?? '') ??
  (chain.startsWith('KUBE-') ? serviceOfComment(comment) : undefined);
