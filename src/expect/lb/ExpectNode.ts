import type { Node } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import type { NodeAddress } from '../../model/NodeFacts.ts';

/** What of a node decides which rows it must hold. */
export interface ExpectNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Addresses at which the agent serves NodePorts; undefined: not read. */
  readonly nodePortAddresses: readonly string[] | undefined;
  /** Every address that the agent knows as the node's own; undefined: not read. */
  readonly localAddresses: readonly string[] | undefined;
}

/** @param addresses the agent's table of node addresses; undefined: not read. */
export function expectNodeOf({ metadata }: Node, addresses: readonly NodeAddress[] | undefined): ExpectNode {
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
  };
}
