import { describe, expect, test } from 'vitest';
import { coalesced, mergeValues } from '../../src/values/mergeValues.ts';
import { parseSet } from '../../src/values/parseSet.ts';

describe('--set is read as Helm reads it', () => {
  test.each([
    ['a=b', { a: 'b' }],
    ['a.b=1,c=true', { a: { b: 1 }, c: true }],
    ['a={x,y}', { a: ['x', 'y'] }],
    ['a[1].b=c', { a: [null, { b: 'c' }] }],
    [String.raw`a\.b=c\,d`, { 'a.b': 'c,d' }],
    ['a=null', { a: null }],
    ['a=', { a: '' }],
    ['a=007', { a: '007' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=b,', { a: 'b' }],
    [String.raw`a=b\,`, { a: 'b,' }],
    [String.raw`a\[x]=1`, { 'a[x]': 1 }],
  ])('%s', (text, tree) => {
    expect(parseSet(text, '--set').tree).toEqual(tree);
  });

  test('--set-string makes texts of all', () => {
    expect(parseSet('a=true,b=1', '--set-string').tree).toEqual({ a: 'true', b: '1' });
  });

  test.each(['a', '=b', 'a.b'])('%s is no value', (text) => {
    expect(() => parseSet(text, '--set')).toThrow('is no NAME=VALUE');
  });

  test.each([
    ['a[x]=1', 'brackets'],
    ['a[1]x=1', 'brackets'],
    ['a[-1]=1', 'brackets'],
    ['a[70000]=1', 'brackets'],
    ['a={1,2', 'does not end'],
    ['a={1}2', 'does not end'],
  ])('%s is refused, as Helm does', (text, why) => {
    expect(() => parseSet(text, '--set')).toThrow(why);
  });
});

const merged = (...all: string[]) => mergeValues(all.map((text) => parseSet(text, '--set'))).tree;

describe('values are merged as Helm merges them', () => {
  test('maps key by key, all else as a whole, the last counts', () => {
    expect(merged('a.b=1,a.c={x,y}', 'a.c={z},a.d=2')).toEqual({ a: { b: 1, c: ['z'], d: 2 } });
    expect(merged('a.b=1', 'a=text')).toEqual({ a: 'text' });
  });

  test('of several places of a key, that of the last source is told', () => {
    const { places } = mergeValues([parseSet('a.b=1', '--set'), parseSet('a.b=2', '--set-string')]);
    expect(places.get('a.b')).toEqual({ kind: 'flag', flag: '--set-string', text: 'a.b=2' });
  });

  test('null takes the chart’s own value away', () => {
    expect(coalesced({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: null }, d: null, e: 4 })).toEqual({ a: { c: 2 }, e: 4 });
  });
});
