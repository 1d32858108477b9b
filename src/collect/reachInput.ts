import type { ReachPlace } from '../model/NodeFacts.ts';
import { addressHex } from './addressHex.ts';
import { reachProbePerl } from '../programs/programs.ts';

/** What perl reads: the program, and behind its end what it is to try, up to a dot, for input may never end. */
export const reachInput = (node: string, places: readonly ReachPlace[]): Uint8Array =>
  Buffer.from([reachProbePerl, '__END__', node, ...places.map(lineOf), '.', ''].join('\n'));

/** In place of that, where it is not known in time what is to be tried: a program that does nothing. */
export const noReachInput: Uint8Array = Buffer.from('__END__\n.\n');

const lineOf = ({ node, kind, address, port }: ReachPlace): string =>
  `${node} ${kind} ${address} ${port} ${addressHex(address)}`;
