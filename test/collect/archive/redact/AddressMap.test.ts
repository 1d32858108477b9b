import * as fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { AddressMap } from '../../../../src/collect/archive/redact/AddressMap.ts';
import { keyOf } from '../../../../src/collect/archive/redact/Pseudonyms.ts';

const map = new AddressMap(keyOf('a key for tests'));
const bytes = (size: number) => fc.array(fc.nat(255), { minLength: size, maxLength: size });
const v4 = bytes(4);
/** Random ones are nearly all outside of what is public; these are not. */
const v6 = bytes(14).map((all) => [0x20, 0x01].concat(all));
const any = fc.oneof(v4, v6);
const text = (address: readonly number[]): string => ipaddr.fromByteArray([...address]).toString();

const bitsShared = (a: readonly number[], b: readonly number[]): number => {
  const [x, y] = [a, b].map((all) => all.map((byte) => byte.toString(2).padStart(8, '0')).join(''));
  let shared = 0;
  while (shared < (x?.length ?? 0) && x?.[shared] === y?.[shared]) shared++;
  return shared;
};

const everybodys = [
  'private',
  'uniqueLocal',
  'linkLocal',
  'loopback',
  'multicast',
  'unspecified',
  'carrierGradeNat',
  'broadcast',
];

const isPublic = (address: readonly number[]): boolean => map.address(text(address)) !== text(address);

describe('an address is replaced by', () => {
  test.each([
    '10.244.1.9',
    '172.30.0.11',
    '192.168.1.1',
    '100.64.3.2',
    '127.0.0.1',
    '0.0.0.0',
    '169.254.20.10',
    '224.0.0.251',
    '255.255.255.255',
    '203.0.113.7',
    '::',
    '::1',
    'fe80::1',
    'fd00:10:96::a',
    'ff02::1',
    '2001:db8::1',
    'no address',
    '1.2.3',
    '1.18.4',
  ])('itself, where everybody uses it or it is none: %s', (address) => {
    expect(map.address(address)).toBe(address);
  });

  test.each(['8.8.8.8', '52.29.1.2', '172.15.255.255', '172.32.0.1', '11.0.0.1', '2a01:4f8::1', '2001:4860::8888'])(
    'another public one: %s',
    (address) => {
      const other = map.address(address);
      expect(other).not.toBe(address);
      expect(ipaddr.isValid(other)).toBe(true);
      expect(ipaddr.parse(other).range()).toBe('unicast');
    },
  );

  test('the same for the same key, another for another', () => {
    const same = new AddressMap(keyOf('a key for tests'));
    const other = new AddressMap(keyOf('another key for tests'));
    expect(same.address('52.29.1.2')).toBe(map.address('52.29.1.2'));
    expect(other.address('52.29.1.2')).not.toBe(map.address('52.29.1.2'));
  });

  test('one that shares as many bits with every other', () => {
    fc.assert(
      fc.property(any, fc.nat(127), bytes(16), (a, shared, rest) => {
        const keep = Math.floor((shared % (a.length * 8)) / 8);
        const b = [...a.slice(0, keep), ...rest.slice(0, a.length - keep)];
        expect(bitsShared(map.bytes(a), map.bytes(b))).toBe(bitsShared(a, b));
      }),
    );
  });

  test('none that everybody uses, and none of these by a public one', () => {
    fc.assert(
      fc.property(any, (a) => {
        fc.pre(isPublic(a));
        expect(everybodys).not.toContain(ipaddr.parse(map.address(text(a))).range());
      }),
    );
  });

  test('IPv4 in IPv6 is replaced as IPv4 is', () => {
    expect(ipaddr.IPv6.parse(map.address('::ffff:52.29.1.2')).toIPv4Address().toString()).toBe(
      map.address('52.29.1.2'),
    );
  });
});

describe('a network', () => {
  test('holds afterwards what it held before', () => {
    fc.assert(
      fc.property(v4, fc.integer({ min: 0, max: 32 }), (a, length) => {
        const network = ipaddr.IPv4.networkAddressFromCIDR(`${text(a)}/${length}`).toString();
        const [address = '', after] = map.cidr(network, length).split('/');
        expect(after).toBe(String(length));
        const inside = ipaddr.IPv4.parse(map.address(text(a))).match([ipaddr.IPv4.parse(address), length]);
        expect(inside).toBe(true);
      }),
    );
  });

  test('that is private stays', () => {
    expect(map.cidr('10.244.0.0', 16)).toBe('10.244.0.0/16');
    expect(map.cidr('0.0.0.0', 0)).toBe('0.0.0.0/0');
  });
});
