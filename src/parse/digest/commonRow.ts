import { canonicalCidr, unspecified } from '../../model/lb/address.ts';
import { type CommonRow, idOf } from '../../model/lb/CommonRow.ts';
import { backendKey, frontendKey } from '../../model/lb/keys.ts';
import { flagsOfBits } from '../../model/lb/lbFlags.ts';
import type { Frontend } from '../../model/lb/LbTable.ts';
import {
  addressAt,
  type AddressSize,
  addressSizes,
  algorithms,
  big16,
  byteAt,
  little16,
  little32,
  protocolNumbers,
} from '../lb/mapBytes.ts';

/** @param text a row as `canonicalRows` gives it; what is not of that form is nobody's, for those are made here */
export function commonRow(text: string, number: number): CommonRow {
  const [at = '', head = '', word = '', backends = '', ranges = ''] = text.split(' ');
  const isSpread = at.startsWith('*');
  const size: AddressSize = isSpread ? addressSizes[at[1] === '4' ? 4 : 6] : at.length === 24 ? 4 : 16;
  const behind = isSpread ? at.slice(2) : at.slice(3 * size);
  const address = isSpread ? unspecified[size === 4 ? 'ipv4' : 'ipv6'] : addressAt(at, 0, size);
  const port = big16(behind, 0);
  const protocol = protocolNumbers.get(byteAt(behind, 2)) ?? 'ANY';
  const scope = byteAt(behind, 3) === 0 ? 'external' : 'internal';
  const isCounted = head.length > 18;
  const flagsAt = isCounted ? 6 : 4;
  const [taking = [], others = []] = backends.split('|').map((list) => (list === '' ? [] : list.split(',')));
  const affinityTimeout = little32(head, 0) & 0xffffff;
  return {
    frontend: {
      key: frontendKey(address, port, protocol, scope),
      address,
      port,
      protocol,
      scope,
      hasMaster: true,
      id: word === '-' || word === 'l' ? 0 : idOf(number, 0),
      flags: flagsOfBits(byteAt(head, flagsAt), byteAt(head, flagsAt + 1)),
      slots: [...taking, ...others].map((one, i) => ({
        number: i + 1,
        backendId: undefined,
        backend: backendIn(one, size),
      })),
      count: isCounted ? little16(head, 4) : 0,
      inactiveCount: isCounted ? little16(head, 8) : 0,
      affinityTimeout,
      notSticky: affinityTimeout === 0 ? 0 : taking.filter((one) => isActive(one, size) && !one.endsWith('a')).length,
      algorithm: algorithms[byteAt(head, 3)],
      l7ProxyPort: undefined,
      agent: undefined,
    },
    isSpread,
    hasId: word !== '-' && word !== 'l',
    hasMaglev: word === 'M',
    sourceRanges:
      ranges === ''
        ? []
        : ranges
            .split(',')
            .flatMap((one) => rangeIn(one, size))
            .toSorted(),
  };
}

function backendIn(text: string, size: AddressSize): Frontend['slots'][number]['backend'] {
  const cluster = little16(text, size + 4);
  const plain = addressAt(text, 0, size);
  return backendKey(
    cluster === 0 ? plain : `${plain}@${cluster}`,
    big16(text, size),
    protocolNumbers.get(byteAt(text, size + 2)) ?? 'ANY',
  );
}

const isActive = (text: string, size: AddressSize): boolean => byteAt(text, size + 3) === 0;

function rangeIn(text: string, size: AddressSize): readonly string[] {
  const cidr = canonicalCidr(`${addressAt(text, 4, size)}/${little32(text, 0) - 32}`);
  return cidr === undefined ? [] : [cidr];
}
