import type { ConnectPlace } from '../../model/Connections.ts';
import { addressHex } from '../addressHex.ts';
import { connectPerl } from '../../programs/programs.ts';

/** So many connections a second are opened from one place. */
export const connectRate = 50;

/** What programs/connect reads: the program, the rate, places by numbers, up to a dot, for input may never end. */
export const connectInput = (places: readonly ConnectPlace[]): Uint8Array =>
  Buffer.from([connectPerl, '__END__', String(connectRate), ...places.map(lineOf), '.', ''].join('\n'));

const lineOf = ({ protocol, address, port }: ConnectPlace, number: number): string =>
  `${number} ${protocol} ${address} ${port} ${addressHex(address)}`;
