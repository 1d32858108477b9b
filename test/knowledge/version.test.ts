import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageVersion, isAtLeast, parseVersion, skippedMinors } from '../../src/knowledge/version.ts';

describe('the version that a text begins with', () => {
  test.each<[string | undefined, string | undefined]>([
    ['1.19.6', '1.19.6'],
    [' v1.20.0-rc.1', '1.20.0'],
    ['v1.31.4-eks-2d5f260', '1.31.4'],
    ['v1.31.4+k3s1', '1.31.4'],
    ['6.8.0-45-generic', '6.8.0'],
    ['1.21', '1.21.0'],
    ['1', undefined],
    ['version 1.19.6', undefined],
    ['', undefined],
    [undefined, undefined],
    ['99999999999999999999.1.0', undefined],
    ['1.99999999999999999999', undefined],
  ])('%s', (text, expected) => {
    expect(parseVersion(text)?.version).toBe(expected);
  });
  test('is found or not, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseVersion(text)));
    fc.assert(
      fc.property(fc.nat(9999), fc.nat(9999), fc.nat(9999), (major, minor, patch) => {
        expect(parseVersion(`v${major}.${minor}.${patch}`)).toMatchObject({ major, minor, patch });
      }),
    );
  });
});

test.each<[string | undefined, string | undefined]>([
  ['quay.io/cilium/cilium:v1.18.4@sha256:1c', '1.18.4'],
  ['registry:5000/cilium:v1.18.4', '1.18.4'],
  ['registry:5000/cilium:latest', undefined],
  ['registry:5000/cilium', undefined],
  ['10.0.0.1:5000/cilium', undefined],
  ['cilium@sha256:1c', undefined],
  [undefined, undefined],
])('image %s', (image, expected) => {
  expect(imageVersion(image)?.version).toBe(expected);
});

test.each([
  ['1.19.0', true],
  ['1.19.0-rc.0', true],
  ['1.18.99', false],
  ['2.0.0', true],
  ['1.9.0', false],
])('%s has what 1.19.0 brought: %s', (text, expected) => {
  const version = parseVersion(text);
  expect(version && isAtLeast(version, '1.19.0')).toBe(expected);
});

test.each<[string, string, readonly string[]]>([
  ['1.18.4', '1.18.11', []],
  ['1.18.11', '1.19.0', []],
  ['1.18.11', '1.20.2', ['1.19']],
  ['1.16.19', '1.20.2', ['1.17', '1.18', '1.19']],
  ['1.20.2', '1.18.11', []],
])('from %s to %s', (from, to, skipped) => {
  const [one, other] = [parseVersion(from), parseVersion(to)];
  expect(one && other && skippedMinors(one, other)).toEqual(skipped);
});
