import { bracketed } from './address.ts';
import { frontendKey } from './keys.ts';
import type { Frontend } from './LbTable.ts';

/** A row that nodes have in common, with an ID that is no node's. */
export interface CommonRow {
  readonly frontend: Frontend;
  /** It stands for each of a node's own addresses; `frontend` is that of the zero address then. */
  readonly isSpread: boolean;
  /** Whether its service has an ID on nodes, and so an entry in reverse NAT. */
  readonly hasId: boolean;
  readonly hasMaglev: boolean;
  readonly sourceRanges: readonly string[];
}

/**
 * Service IDs on nodes have 16 bits. Those of common rows are larger, and say which row it is and at which of the
 * node's
 * own addresses (the first is 1; 0: at none of them).
 */
const firstId = 0x1_0000;
export const maxOwnAddresses = 255;
export const idOf = (row: number, ownAddress: number): number => firstId + row * (maxOwnAddresses + 1) + ownAddress;

/** undefined: the ID is one of the node's. */
export function rowOfId(id: number): { readonly row: number; readonly ownAddress: number } | undefined {
  if (id < firstId) return undefined;
  const from = id - firstId;
  return { row: Math.floor(from / (maxOwnAddresses + 1)), ownAddress: from % (maxOwnAddresses + 1) };
}

/** As reverse NAT has it; undefined: it has nothing. */
export const reverseOf = (
  { frontend, hasId }: CommonRow,
  address: string = frontend.address,
): { readonly value: string } | undefined => (hasId ? { value: `${bracketed(address)}:${frontend.port}` } : undefined);

/** The row at one of the node's own addresses; `at` counts from 1. */
export function spreadAt({ frontend, hasId }: CommonRow, row: number, address: string, at: number): Frontend {
  const { port, protocol, scope } = frontend;
  return {
    ...frontend,
    key: frontendKey(address, port, protocol, scope),
    address,
    id: hasId ? idOf(row, at) : 0,
  };
}
