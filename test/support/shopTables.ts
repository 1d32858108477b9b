import type { LbTable } from '../../src/model/lb/LbTable.ts';
import type { EndpointSlice, ObjectMeta, Service } from '../../src/model/kubernetes.ts';
import { parseMapsDump } from './parseMapsDump.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { aService, aSlice, healthyFacts, healthyTable } from './healthy.ts';
import { printMapsDump } from './printMapsDump.ts';

export const backend = (last: number): string => `10.244.7.${last}:8080/TCP`;
export const cartKey = '10.96.10.1:80/TCP';

/** `default/cart`, 10.96.10.1:80/TCP, with endpoints 10.244.7.1 and 10.244.7.2. */
export const cart = (spec: Service['spec'] = {}, metadata: Partial<ObjectMeta> = {}): Service =>
  aService('cart', spec, metadata);
export const cartSlice = (lasts: readonly number[] = [1, 2], metadata: Partial<ObjectMeta> = {}): EndpointSlice =>
  aSlice(
    'cart',
    lasts.map((last) => `10.244.7.${last}`),
    { metadata: { name: 'cart-abcde', ...metadata } },
  );

/** The API's objects of the healthy cluster and `cart`, unless others are given. */
export function shopFacts(services: readonly Service[] = [cart()], slices: readonly EndpointSlice[] = [cartSlice()]) {
  const healthy = healthyFacts(['n1', 'n2']);
  if (!isKnown(healthy.services) || !isKnown(healthy.endpointSlices)) throw new Error('the healthy cluster has both');
  return {
    services: [...healthy.services.value, ...services],
    endpointSlices: [...healthy.endpointSlices.value, ...slices],
  };
}

export interface Row {
  readonly key?: string;
  readonly backends?: readonly string[];
  /** How many of the slots take new connections; all unless said otherwise. */
  readonly count?: number;
  /** Slots that are gone although counted, by their number. */
  readonly lost?: readonly number[];
  readonly flags?: string;
  readonly affinityTimeout?: number;
  /** Slots whose backends affinity cannot stick to, by their number. */
  readonly notSticky?: readonly number[];
  readonly sourceRanges?: readonly string[];
}

/** What the maps hold for the healthy Services and these rows; a row without words is that of `cart`. */
export const tableWith = (...rows: readonly Row[]): LbTable =>
  parseMapsDump(`${printMapsDump(healthyTable)}${rows.map((row, at) => linesOf(row, 100 + at)).join('')}`);

/** What the maps hold for these rows alone. */
export const tableOf = (rows: readonly Row[]): LbTable =>
  parseMapsDump(rows.map((row, at) => linesOf(row, 100 + at)).join(''));

function linesOf(row: Row, id: number): string {
  const { key = cartKey, backends = [backend(1), backend(2)], lost = [], sourceRanges = [] } = row;
  const { flags = 'ClusterIP+non-routable', affinityTimeout = 0, notSticky = [], count = backends.length } = row;
  const master = `SLOT=0 LBALG=undef AFFTimeout=${affinityTimeout} COUNT=${count} QCOUNT=${backends.length - count}`;
  const slots = backends.map((address, at) => ({ address, number: at + 1, backend: id * 100 + at }));
  return [
    `REV: ID=${id} ADDR=${key.slice(0, key.lastIndexOf('/'))}`,
    `SVC: ID=${id} ADDR=${key} ${master} FLAGS=${flags}`,
    ...slots.map(({ address, backend }) => `BE: ID=${backend} ADDR=${address} STATE=active`),
    ...slots
      .filter(({ number }) => !lost.includes(number))
      .map(
        ({ number, backend }) =>
          `SVC: ID=${id} ADDR=${key} SLOT=${number} BEID=${backend} COUNT=0 QCOUNT=0 FLAGS=${flags}`,
      ),
    ...slots
      .filter(({ number }) => affinityTimeout > 0 && !notSticky.includes(number))
      .map(({ backend }) => `AFF: ID=${id} BEID=${backend}`),
    ...sourceRanges.map((cidr) => `SRCRANGE: ID=${id} CIDR=${cidr}`),
  ]
    .map((line) => `${line}\n`)
    .join('');
}
