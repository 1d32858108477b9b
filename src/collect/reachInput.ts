import ipaddr from 'ipaddr.js';
import type { ReachPlace } from '../model/NodeFacts.ts';
import { reachProbePerl } from '../programs/programs.ts';

/** What perl reads: the program, and behind its end what it is to try, up to a dot, for input may never end. */
export const reachInput = (node: string, places: readonly ReachPlace[]): Uint8Array =>
  Buffer.from([reachProbePerl, '__END__', node, ...places.map(lineOf), '.', ''].join('\n'));

const lineOf = ({ node, kind, address, port }: ReachPlace): string =>
  `${node} ${kind} ${address} ${port} ${Buffer.from(ipaddr.parse(address).toByteArray()).toString('hex')}`;
