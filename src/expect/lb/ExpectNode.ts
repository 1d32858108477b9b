import type { Node } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import type { NodeAddress } from '../../model/NodeFacts.ts';

/** What of a node decides which rows it must hold. */
export interface ExpectNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Addresses at which the agent serves NodePorts; undefined: not read. */
  readonly nodePortAddresses: readonly string[] | undefined;
  /** Addresses of the cluster's nodes, this one's too, as the API has them. */
  readonly clusterAddresses: ReadonlySet<string>;
  /** Every address that the agent knows as the node's own; undefined: not read. */
  readonly localAddresses: readonly string[] | undefined;
}

/** @param addresses the agent's table of node addresses; undefined: not read. @param nodes of the cluster */
export function expectNodeOf(
  { metadata }: Node,
  addresses: readonly NodeAddress[] | undefined,
  nodes: readonly Node[] = [],
): ExpectNode {
  const texts = (wanted: (address: NodeAddress) => boolean): readonly string[] | undefined =>
    addresses === undefined
      ? undefined
      : [
          ...new Set(
            addresses
              .filter(wanted)
              .map(({ address }) => canonicalAddress(address))
              .filter((address) => address !== undefined),
          ),
        ];
  return {
    name: metadata.name,
    labels: metadata.labels ?? {},
    nodePortAddresses: texts(({ nodePort }) => nodePort),
    localAddresses: texts(() => true),
    clusterAddresses: addressesOfAll(nodes),
  };
}

/** By the list, which all nodes have in common. */
const byList = new WeakMap<readonly Node[], ReadonlySet<string>>();

function addressesOfAll(nodes: readonly Node[]): ReadonlySet<string> {
  const known = byList.get(nodes);
  if (known !== undefined) return known;
  const addresses = new Set(
    nodes.flatMap(({ status }) => (status?.addresses ?? []).flatMap(({ address }) => canonicalAddress(address) ?? [])),
  );
  byList.set(nodes, addresses);
  return addresses;
}
