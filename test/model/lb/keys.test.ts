import * as fc from 'fast-check';
import { describe, expect, expectTypeOf, it, test } from 'vitest';
import { canonicalAddress, protocols, type Scope } from '../../../src/model/lb/address.ts';
import {
  atAllAddresses,
  type BackendKey,
  backendKey,
  type FrontendKey,
  frontendKey,
  parseBackend,
  parseFrontend,
  partsOf,
  withoutProtocol,
  withScope,
} from '../../../src/model/lb/keys.ts';

const scopes: readonly Scope[] = ['external', 'internal'];

/** Canonical addresses of both families, some of another cluster. */
const addresses = fc
  .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.option(fc.nat({ max: 65535 }), { nil: undefined }))
  .map(([text, cluster]) => canonicalAddress(cluster === undefined ? text : `${text}@${cluster}`))
  .filter((address) => address !== undefined);

const parts = fc.record({
  address: addresses,
  port: fc.nat({ max: 65535 }),
  protocol: fc.constantFrom(...protocols),
  scope: fc.constantFrom(...scopes),
});

describe('keys of frontends', () => {
  it('printed and parsed, or taken apart, are what they were', () => {
    fc.assert(
      fc.property(parts, (one) => {
        const key = frontendKey(one.address, one.port, one.protocol, one.scope);
        expect(parseFrontend(key)).toEqual({ ...one, key });
        expect(partsOf(key)).toEqual(one);
      }),
    );
  });

  it('are one for all spellings of one frontend', () => {
    fc.assert(
      fc.property(fc.string(), parts, (text, { port, protocol, scope }) => {
        const suffix = `:${port}/${protocol}${scope === 'internal' ? '/i' : ''}`;
        for (const spelled of [text, `${text}${suffix}`, `[${text}]${suffix}`]) {
          const parsed = parseFrontend(spelled);
          if (parsed === undefined) continue;
          expect(frontendKey(parsed.address, parsed.port, parsed.protocol, parsed.scope)).toBe(parsed.key);
          expect(parseFrontend(parsed.key)).toEqual(parsed);
        }
      }),
    );
  });

  it.each([
    ['10.96.0.10:53/UDP', '10.96.0.10:53/UDP'],
    ['10.96.0.10:53', '10.96.0.10:53/ANY'],
    ['[fd00::1]:80/TCP/i', '[fd00::1]:80/TCP/i'],
    ['[FD00:0:0::1]:80/TCP', '[fd00::1]:80/TCP'],
    ['[::ffff:10.0.0.1]:80/TCP', '10.0.0.1:80/TCP'],
    ['[::]:0/ANY', '[::]:0/ANY'],
    ['fd00::1:80/TCP', '[fd00::1]:80/TCP'],
    ['[10.96.0.10]:53/UDP', '10.96.0.10:53/UDP'],
  ])('%s is %s', (text, key) => {
    expect(parseFrontend(text)?.key).toBe(key);
  });

  it.each([
    '',
    ':',
    '10.96.0.10',
    '[fd00::1:80/TCP',
    '10.96.0.10:053/UDP',
    '10.96.0.10:65536/UDP',
    '10.96.0.10:53/udp',
    '10.96.0.10:53/UDP/e',
    'web:80/TCP',
  ])('%j is none', (text) => {
    expect(parseFrontend(text)).toBeUndefined();
  });

  it('of either scope are told apart by the scope alone', () => {
    fc.assert(
      fc.property(parts, fc.constantFrom(...scopes), (one, scope) => {
        const key = frontendKey(one.address, one.port, one.protocol, one.scope);
        expect(partsOf(withScope(key, scope))).toEqual({ ...one, scope });
      }),
    );
  });

  it('at all addresses have the zero address of their family', () => {
    expect(atAllAddresses({ address: '10.0.0.1', port: 80, protocol: 'TCP' }, 'external')).toBe('0.0.0.0:80/TCP');
    expect(atAllAddresses({ address: 'fd00::1', port: 80, protocol: 'UDP' }, 'internal')).toBe('[::]:80/UDP/i');
  });
});

describe('keys of backends', () => {
  it('printed and parsed are what they were; people read them without the protocol', () => {
    fc.assert(
      fc.property(parts, ({ address, port, protocol }) => {
        const key = backendKey(address, port, protocol);
        expect(parseBackend(key)).toEqual({ address, port, protocol, key });
        expect(partsOf(key)).toEqual({ address, port, protocol, scope: 'external' });
        expect(`${withoutProtocol(key)}/${protocol}`).toBe(key);
      }),
    );
  });

  it('have no scope', () => {
    expect(parseBackend('10.0.0.1:80/TCP/i')).toBeUndefined();
  });
});

test('what parses may be of any port, however wrong the API is', () => {
  expect(partsOf(frontendKey('10.0.0.1', 70000.5, 'TCP', 'internal'))).toEqual({
    address: '10.0.0.1',
    port: 70000.5,
    protocol: 'TCP',
    scope: 'internal',
  });
});

test('no text is a key by itself, and no backend a frontend', () => {
  expectTypeOf<string>().not.toExtend<FrontendKey>();
  expectTypeOf<'10.96.0.10:53/UDP'>().not.toExtend<FrontendKey>();
  expectTypeOf<BackendKey>().not.toExtend<FrontendKey>();
  expectTypeOf<FrontendKey>().not.toExtend<BackendKey>();
  expectTypeOf<FrontendKey>().toExtend<string>();
});
