import SemVer from 'semver/classes/semver.js';
import { expect, test } from 'vitest';
import { type FirstReleases, hasCome } from '../../src/knowledge/releases.ts';

test.each<[FirstReleases, readonly string[], readonly string[]]>([
  [['1.19.0'], ['1.19.0', '1.19.7', '1.20.0', '1.21.3', '2.0.0'], ['1.16.0', '1.18.11', '0.9.0']],
  [
    ['1.18.5', '1.19.0'],
    ['1.18.5', '1.18.11', '1.19.0', '1.20.0'],
    ['1.18.4', '1.17.16'],
  ],
  [
    ['1.19.7', '1.20.0'],
    ['1.19.7', '1.20.0'],
    ['1.19.6', '1.18.11'],
  ],
  [
    ['1.20.0', '1.19.7'],
    ['1.19.7', '1.20.0'],
    ['1.19.6', '1.18.11'],
  ],
  // Never ported to the branch between.
  [
    ['1.17.8', '1.19.2'],
    ['1.17.8', '1.19.2', '1.20.0'],
    ['1.17.7', '1.18.11', '1.19.1'],
  ],
  [['1.18.10'], ['1.18.10', '1.19.0'], ['1.18.9', '1.1.10']],
])('what came with %j', (firsts, has, hasNot) => {
  expect(has.filter((version) => !hasCome(new SemVer(version), firsts))).toEqual([]);
  expect(hasNot.filter((version) => hasCome(new SemVer(version), firsts))).toEqual([]);
});
